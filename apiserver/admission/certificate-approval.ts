// Certificate requests are approved or denied by those only who may approve for the signer that they name.

import type { CertificateSigningRequest } from "../../api/certificates/certificate-signing-request.ts";
import { refused, type AdmissionStep } from "./admission-step.ts";
import { isAboutRequests, mayActFor } from "./signer-rights.ts";

export const certificateApproval: AdmissionStep = {
  name: "CertificateApproval",
  validate(request) {
    if (!isAboutRequests(request, "approval")) return undefined;
    const { signerName } = (request.object as CertificateSigningRequest).spec;
    if (mayActFor(request, "approve", signerName)) return undefined;
    throw refused(request, `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`);
  },
};
