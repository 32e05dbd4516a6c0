// TokenRequest: asks for a token of a service account, at the account's subresource `token`. The answer carries a secret: it is
// given to the asker, and neither stored nor logged.

import { when } from "../meta/field-checks.ts";
import { kubeObject } from "../meta/object.ts";
import { invalidField, type FieldError } from "../schema/field-error.ts";
import {
  type Infer,
  completed,
  int64,
  list,
  object,
  optional,
  present,
  presentRequired,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const boundObjectReference = object(
  "io.k8s.api.authentication.v1.BoundObjectReference",
  "The object whose end is also the token's end.",
  {
    kind: optional(1, string(), "The kind of the object: Pod, Secret or Node."),
    apiVersion: optional(2, string(), "The version of the object's kind, v1."),
    name: optional(
      3,
      string(),
      "The name of the object; pods and secrets are those of the service account's namespace.",
    ),
    uid: optional(4, string(), "The uid that the object must have; any unless given."),
  },
);
export interface BoundObjectReference extends Infer<typeof boundObjectReference> {}

export const tokenRequestSpec = completed(
  object("io.k8s.api.authentication.v1.TokenRequestSpec", "What kind of token is wanted.", {
    audiences: required(
      1,
      list(string(), { listType: "atomic" }),
      "Who is to accept the token. Each of them must refuse tokens that do not name it. The API server itself unless given.",
    ),
    boundObjectRef: optional(
      3,
      boundObjectReference,
      "Ties the token to an object: it is valid only as long as that object exists. It lasts until it expires unless given.",
    ),
    expirationSeconds: optional(
      4,
      int64(),
      "For how many seconds the token is wanted, from 600 to 2^32; 3600 unless given. The server may grant another time.",
    ),
  }),
  (draft) => {
    draft.audiences ??= [];
    draft.expirationSeconds ??= 3600;
  },
);
export interface TokenRequestSpec extends Infer<typeof tokenRequestSpec> {}

export const tokenRequestStatus = object(
  "io.k8s.api.authentication.v1.TokenRequestStatus",
  "The token that was issued.",
  {
    token: required(
      1,
      string(),
      "The token, to be sent as a bearer token. Whoever has it acts as the service account.",
    ),
    expirationTimestamp: required(2, time(), "When the token ceases to be valid."),
  },
);
export interface TokenRequestStatus extends Infer<typeof tokenRequestStatus> {}

export const tokenRequest = kubeObject(
  "io.k8s.api.authentication.v1.TokenRequest",
  "Asks for a token of a service account.",
  {
    spec: presentRequired(2, tokenRequestSpec, "What kind of token is wanted."),
    status: present(3, tokenRequestStatus, "The answer, from the server."),
  },
);
export interface TokenRequest extends Infer<typeof tokenRequest> {}

/** What the subresource takes and gives. */
export const tokenRequestKind = {
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenRequest",
  schema: tokenRequest,
} as const;

const SECONDS_MIN = 600;
const SECONDS_MAX = 2 ** 32;

/** From Kubernetes' validation. */
export function validateTokenRequest({ spec: { expirationSeconds = 0 } }: Pick<TokenRequest, "spec">): FieldError[] {
  const path = "spec.expirationSeconds";
  return [
    ...when(
      expirationSeconds < SECONDS_MIN,
      invalidField(path, expirationSeconds, "may not specify a duration less than 10 minutes"),
    ),
    ...when(
      expirationSeconds > SECONDS_MAX,
      invalidField(path, expirationSeconds, "may not specify a duration larger than 2^32 seconds"),
    ),
  ];
}
