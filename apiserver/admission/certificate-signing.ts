// Certificates and conditions, such as that signing failed, are written into requests by those only who may sign for the signer
// that the request names.

import type { CertificateSigningRequest } from "../../api/certificates/certificate-signing-request.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { refused, type AdmissionStep } from "./admission-step.ts";
import { isAboutRequests, mayActFor } from "./signer-rights.ts";

export const certificateSigning: AdmissionStep = {
  name: "CertificateSigning",
  validate(request) {
    if (!isAboutRequests(request, "status")) return undefined;
    const [now, old] = [request.object, request.old] as [CertificateSigningRequest, CertificateSigningRequest];
    const outcomeOf = ({ status: { certificate = "", conditions = [] } }: CertificateSigningRequest) => [
      certificate,
      conditions,
    ];
    if (semanticEqual(outcomeOf(now), outcomeOf(old))) return undefined;
    const { signerName } = old.spec;
    if (mayActFor(request, "sign", signerName)) return undefined;
    throw refused(request, `user not permitted to sign requests with signerName ${JSON.stringify(signerName)}`);
  },
};
