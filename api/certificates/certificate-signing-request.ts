// HEADER: say what CertificateSigningRequest is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  bytes,
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

export const certificateSigningRequestSpec = object("io.k8s.api.certificates.v1.CertificateSigningRequestSpec", "", {
  request: required(1, bytes(), ""),
  username: optional(2, string(), ""),
  uid: optional(3, string(), ""),
  groups: optional(4, list(string(), { listType: "atomic" }), ""),
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
    "",
  ),
  extra: optional(6, map(list(string())), ""),
  signerName: required(7, string(), ""),
  expirationSeconds: optional(8, int32(), ""),
});
export interface CertificateSigningRequestSpec extends Infer<typeof certificateSigningRequestSpec> {}

export const certificateSigningRequestCondition = object(
  "io.k8s.api.certificates.v1.CertificateSigningRequestCondition",
  "",
  {
    type: required(1, string(), ""),
    reason: optional(2, string(), ""),
    message: optional(3, string(), ""),
    lastUpdateTime: optional(4, time(), ""),
    lastTransitionTime: optional(5, time(), ""),
    status: required(6, oneOf("True", "False", "Unknown"), ""),
  },
);
export interface CertificateSigningRequestCondition extends Infer<typeof certificateSigningRequestCondition> {}

export const certificateSigningRequestStatus = object(
  "io.k8s.api.certificates.v1.CertificateSigningRequestStatus",
  "",
  {
    conditions: optional(1, listMap(certificateSigningRequestCondition, ["type"]), ""),
    certificate: optional(2, bytes(), ""),
  },
);
export interface CertificateSigningRequestStatus extends Infer<typeof certificateSigningRequestStatus> {}

export const certificateSigningRequest = kubeObject("io.k8s.api.certificates.v1.CertificateSigningRequest", "", {
  spec: required(2, certificateSigningRequestSpec, ""),
  status: present(3, certificateSigningRequestStatus, ""),
});
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
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
