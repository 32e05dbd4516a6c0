// Nobody asks for a certificate that would make its holder a master of the cluster, whom no rule can hold back.

import {
  certificateSigningRequests,
  type CertificateSigningRequest,
} from "../../api/certificates/certificate-signing-request.ts";
import { readCertificateRequest } from "../../lib/certificate-request.ts";
import { isAbout, refused, type AdmissionStep } from "./admission-step.ts";

const SIGNER = "kubernetes.io/kube-apiserver-client";
const MASTERS = "system:masters";

export const certificateSubjectRestriction: AdmissionStep = {
  name: "CertificateSubjectRestriction",
  validate(request) {
    if (request.operation !== "CREATE" || !isAbout(request, certificateSigningRequests)) return undefined;
    const { signerName, request: encoded } = (request.object as CertificateSigningRequest).spec;
    if (signerName !== SIGNER) return undefined;
    const { subject } = readCertificateRequest(Buffer.from(encoded, "base64").toString("latin1"));
    if (!subject.organization?.includes(MASTERS)) return undefined;
    throw refused(request, `use of ${SIGNER} signer with ${MASTERS} group is not allowed`);
  },
};
