// Certificates are written into requests by those only who may sign for the signer that the request names.

import type { CertificateSigningRequest } from "../../api/certificates/certificate-signing-request.ts";
import { refused, type AdmissionStep } from "./admission-step.ts";
import { isAboutRequests, mayActFor } from "./signer-rights.ts";

export const certificateSigning: AdmissionStep = {
  name: "CertificateSigning",
  validate(request) {
    if (!isAboutRequests(request, "status")) return undefined;
    const [now, old] = [request.object, request.old] as [CertificateSigningRequest, CertificateSigningRequest];
    if ((now.status.certificate ?? "") === (old.status.certificate ?? "")) return undefined;
    const { signerName } = old.spec;
    if (mayActFor(request, "sign", signerName)) return undefined;
    throw refused(request, `user not permitted to sign requests with signerName ${JSON.stringify(signerName)}`);
  },
};
