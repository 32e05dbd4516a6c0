// HEADER: say what TokenRequest is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { type Infer, int64, list, object, optional, present, required, string, time } from "../schema/schema.ts";

export const boundObjectReference = object("io.k8s.api.authentication.v1.BoundObjectReference", "", {
  kind: optional(1, string(), ""),
  apiVersion: optional(2, string(), ""),
  name: optional(3, string(), ""),
  uid: optional(4, string(), ""),
});
export interface BoundObjectReference extends Infer<typeof boundObjectReference> {}

export const tokenRequestSpec = object("io.k8s.api.authentication.v1.TokenRequestSpec", "", {
  audiences: required(1, list(string(), { listType: "atomic" }), ""),
  boundObjectRef: optional(3, boundObjectReference, ""),
  expirationSeconds: optional(4, int64(), ""),
});
export interface TokenRequestSpec extends Infer<typeof tokenRequestSpec> {}

export const tokenRequestStatus = object("io.k8s.api.authentication.v1.TokenRequestStatus", "", {
  token: required(1, string(), ""),
  expirationTimestamp: required(2, time(), ""),
});
export interface TokenRequestStatus extends Infer<typeof tokenRequestStatus> {}

export const tokenRequest = kubeObject("io.k8s.api.authentication.v1.TokenRequest", "", {
  spec: required(2, tokenRequestSpec, ""),
  status: present(3, tokenRequestStatus, ""),
});
export interface TokenRequest extends Infer<typeof tokenRequest> {}
