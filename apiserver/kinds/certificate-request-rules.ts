// Certificate requests: who makes one is written on it, because the signer decides by that.

import { requestedBy } from "../../api/certificates/certificate-request-strategy.ts";
import type { CertificateSigningRequest } from "../../api/certificates/certificate-signing-request.ts";
import type { KindRules } from "./kind-rules.ts";

export const certificateRequestRules: KindRules = {
  attribute: (object, user) => requestedBy(object as CertificateSigningRequest, user),
};
