// Which certificate requests are a kubelet's, and which rights let such a one be approved. Pure.

import type { CertificateSigningRequest } from "../../api/certificates/certificate-signing-request.ts";
import { readCertificateRequest } from "../../lib/certificate-request.ts";
import { isKubeletClient } from "./request-rules.ts";

export interface Recognized {
  /** Whose maker may create this subresource of certificate requests has the request approved. */
  readonly right: "selfnodeclient" | "nodeclient";
  readonly message: string;
}

const SELF: Recognized = {
  right: "selfnodeclient",
  message: "Auto approving self kubelet client certificate after SubjectAccessReview.",
};
const OTHER: Recognized = {
  right: "nodeclient",
  message: "Auto approving kubelet client certificate after SubjectAccessReview.",
};

/** What the request may be approved as, in the order of asking; nothing where it is decided, or for a person to decide. */
export function planApproval({ spec, status }: CertificateSigningRequest): readonly Recognized[] {
  const { certificate, conditions = [] } = status;
  if (certificate || conditions.some(({ type }) => type === "Approved" || type === "Denied")) return [];
  const asked = readCertificateRequest(Buffer.from(spec.request, "base64").toString("latin1"));
  if (!isKubeletClient(spec, asked)) return [];
  return spec.username === asked.subject.commonName?.[0] ? [SELF, OTHER] : [OTHER];
}
