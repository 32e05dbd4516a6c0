// CertificateSigningRequest: asks a signer for a certificate. Its rules are in validate-certificate-request.ts, what may be
// changed when in certificate-request-strategy.ts.

import { kubeObject } from "../meta/object.ts";
import { requestColumns } from "./certificate-request-columns.ts";
import { prepareRequest, prepareRequestStatus } from "./certificate-request-strategy.ts";
import { validateCertificateRequest } from "./validate-certificate-request.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  bytes,
  completed,
  int32,
  list,
  listMap,
  map,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const certificateSigningRequestSpec = completed(
  object(
    "io.k8s.api.certificates.v1.CertificateSigningRequestSpec",
    "What certificate is asked for, and by whom. It cannot be changed.",
    {
      request: required(1, bytes(), "The request: PKCS #10 in PEM, signed with the key that the certificate is for."),
      username: optional(2, string(), "The user who made the request. Filled in by the API server."),
      uid: optional(3, string(), "The UID of that user. Filled in by the API server."),
      groups: optional(
        4,
        list(string(), { listType: "atomic" }),
        "The groups of that user. Filled in by the API server.",
      ),
      usages: optional(
        5,
        list(
          oneOf(
            "signing",
            "digital signature",
            "content commitment",
            "key encipherment",
            "key agreement",
            "data encipherment",
            "cert sign",
            "crl sign",
            "encipher only",
            "decipher only",
            "any",
            "server auth",
            "client auth",
            "code signing",
            "email protection",
            "s/mime",
            "ipsec end system",
            "ipsec tunnel",
            "ipsec user",
            "timestamping",
            "ocsp signing",
            "microsoft sgc",
            "netscape sgc",
          ),
          { listType: "atomic" },
        ),
        "What the certificate is to be used for, such as client auth; at least one, each once.",
      ),
      extra: optional(6, map(list(string())), "What else is known about that user. Filled in by the API server."),
      signerName: required(
        7,
        string(),
        "Who is to sign it, such as kubernetes.io/kube-apiserver-client: a domain, a slash and a name.",
      ),
      expirationSeconds: optional(
        8,
        int32(),
        "How long the certificate should be good for, 600 at least. The signer may choose less or more; its own default unless given.",
      ),
    },
  ),
  (draft) => {
    // What is missing is reported by the kind's own rules.
    draft.request ??= "";
    draft.signerName ??= "";
  },
);
export interface CertificateSigningRequestSpec extends Infer<typeof certificateSigningRequestSpec> {}

export const certificateSigningRequestCondition = object(
  "io.k8s.api.certificates.v1.CertificateSigningRequestCondition",
  "A decision about a request, or that signing it failed.",
  {
    type: required(
      1,
      string(),
      "Approved, Denied, Failed, or another name. Approved and Denied exclude each other, and none of the three can be taken back.",
    ),
    reason: optional(2, string(), "Why it was set, in one CamelCase word."),
    message: optional(3, string(), "Why it was set, in words."),
    lastUpdateTime: optional(4, time(), "When it was last set; the time of the write unless given."),
    lastTransitionTime: optional(
      5,
      time(),
      "When the status last changed from one value to another; filled in by the API server unless given.",
    ),
    status: required(
      6,
      string(),
      "Whether the condition holds: True, False or Unknown; only True for Approved, Denied and Failed.",
    ),
  },
);
export interface CertificateSigningRequestCondition extends Infer<typeof certificateSigningRequestCondition> {}

export const certificateSigningRequestStatus = object(
  "io.k8s.api.certificates.v1.CertificateSigningRequestStatus",
  "What became of a request.",
  {
    conditions: optional(
      1,
      listMap(certificateSigningRequestCondition, ["type"]),
      "Whether it is approved, denied or failed. Approvals are written through the subresource approval.",
    ),
    certificate: optional(
      2,
      bytes(),
      "The certificate in PEM, with intermediate ones after it. Once set by the signer it cannot be changed.",
    ),
  },
);
export interface CertificateSigningRequestStatus extends Infer<typeof certificateSigningRequestStatus> {}

export const certificateSigningRequest = kubeObject(
  "io.k8s.api.certificates.v1.CertificateSigningRequest",
  "Asks a signer for a certificate. Somebody approves it, then the signer writes the certificate into the status.",
  {
    spec: { ...required(2, certificateSigningRequestSpec, "What certificate, and for whom."), default: {} },
    status: present(3, certificateSigningRequestStatus, "What became of the request."),
  },
);
export interface CertificateSigningRequest extends Infer<typeof certificateSigningRequest> {}

export const certificateSigningRequests: ResourceDefinition<CertificateSigningRequest> = {
  group: "certificates.k8s.io",
  version: "v1",
  kind: "CertificateSigningRequest",
  plural: "certificatesigningrequests",
  shortNames: ["csr"],
  scope: "Cluster",
  schema: certificateSigningRequest,
  subresources: ["status", "approval"],
  validate: validateCertificateRequest,
  columns: requestColumns,
  selectableFields: ({ spec }) => ({ "spec.signerName": spec.signerName }),
  prepare: prepareRequest,
  prepareStatus: prepareRequestStatus,
};
