// What may be changed of a certificate request, and through what: the spec never, approval and denial through the
// subresource approval only, the certificate and all other conditions through the status.

import type { CertificateSigningRequest, CertificateSigningRequestCondition } from "./certificate-signing-request.ts";
import { definedFields } from "../meta/defined-fields.ts";
import { keepSpec } from "../meta/status-write.ts";

type Conditions = readonly CertificateSigningRequestCondition[] | undefined;

/** What the server knows of the user who makes a request. */
export interface Requester {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Who asks is told by the server, never by the client; see requestedBy. */
export function prepareRequest(
  request: CertificateSigningRequest,
  old?: CertificateSigningRequest,
): CertificateSigningRequest {
  if (old) return { ...request, spec: old.spec, status: old.status };
  return { ...requestedBy(request, { username: "", groups: [] }), status: {} };
}

export function requestedBy(
  request: CertificateSigningRequest,
  { username, uid, groups, extra }: Requester,
): CertificateSigningRequest {
  const requester = {
    username: username || undefined,
    uid: uid || undefined,
    groups: groups.length > 0 ? groups : undefined,
    extra: extra && Object.keys(extra).length > 0 ? extra : undefined,
  };
  return { ...request, spec: definedFields({ ...request.spec, ...requester }) };
}

/** For writes of the status: decisions stay as they are, unless one is missing or new, which the rules then refuse. */
export function prepareRequestStatus(
  request: CertificateSigningRequest,
  old: CertificateSigningRequest,
  now: string,
): CertificateSigningRequest {
  const kept = ["Approved", "Denied"].reduce(
    (conditions: Conditions, type) => keepConditions(conditions, old.status.conditions, type),
    request.status.conditions,
  );
  return withConditions({ ...keepSpec(request, old), status: request.status }, old, { conditions: kept, now });
}

/** For writes of the approval: nothing but the conditions is taken. */
export function prepareApproval(
  request: CertificateSigningRequest,
  old: CertificateSigningRequest,
  now: string,
): CertificateSigningRequest {
  const { conditions } = request.status;
  return withConditions({ ...keepSpec(request, old), status: old.status }, old, { conditions, now });
}

function keepConditions(conditions: Conditions, old: Conditions, type: string): Conditions {
  const stored = (old ?? []).filter((each) => each.type === type);
  const sent = (conditions ?? []).filter((each) => each.type === type);
  if (stored.length !== sent.length) return conditions;
  let next = 0;
  return conditions?.map((each) => (each.type === type ? (stored[next++] ?? each) : each));
}

interface Change {
  readonly conditions: Conditions;
  readonly now: string;
}

function withConditions(
  request: CertificateSigningRequest,
  old: CertificateSigningRequest,
  { conditions, now }: Change,
): CertificateSigningRequest {
  const dated = conditions?.map((each) => dateCondition(each, old.status.conditions, now));
  return { ...request, status: definedFields({ ...request.status, conditions: dated }) };
}

/** Fills in the times that are missing; the transition's is that of the same condition with the same status. */
function dateCondition(
  condition: CertificateSigningRequestCondition,
  old: Conditions,
  now: string,
): CertificateSigningRequestCondition {
  const { type, status, lastUpdateTime = now, lastTransitionTime } = condition;
  const same = old?.find((each) => each.type === type && each.status === status && each.lastTransitionTime);
  return {
    ...condition,
    lastUpdateTime,
    lastTransitionTime: lastTransitionTime ?? same?.lastTransitionTime ?? now,
  };
}
