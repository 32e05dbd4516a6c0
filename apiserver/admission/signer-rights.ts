// Who may approve or sign for a signer: whoever holds the verb on the signer itself, or on all signers of its domain. What may
// be done with certificate requests at large does not decide that.

import { certificateSigningRequests } from "../../api/certificates/certificate-signing-request.ts";
import type { AdmissionRequest } from "./admission-step.ts";

const signers = { group: certificateSigningRequests.group, version: "*", plural: "signers" };

export function mayActFor(
  { user, authorizer }: AdmissionRequest,
  verb: "approve" | "sign",
  signerName: string,
): boolean {
  const names = [signerName, `${signerName.split("/")[0]}/*`];
  const asked = { user, verb, resource: signers, path: "" };
  return names.some((name) => authorizer.authorize({ ...asked, name }).verdict === "allow");
}

/** Whether the request changes that subresource of a certificate request. */
export const isAboutRequests = ({ served: { resource }, operation, subresource }: AdmissionRequest, part: string) =>
  operation === "UPDATE" &&
  subresource === part &&
  resource.plural === certificateSigningRequests.plural &&
  resource.group === certificateSigningRequests.group;
