// Fenced writes: a leader names the Lease that it believes to hold, and the write is committed only if the stored Lease still
// says so, checked inside the same transaction. A leader that was paused and woke up too late can therefore change nothing.

import type { HttpRequest } from "../lib/http.ts";
import type { Lease } from "../api/coordination/lease.ts";
import { leases } from "../api/coordination/lease.ts";
import { StatusError } from "../api/meta/status.ts";
import type { Draft } from "./registry/draft.ts";
import { objectOf, type View } from "./registry/view.ts";
import type { ResourceTable } from "./served-resource.ts";

export const FENCE_HEADER = "gantry-fence";

export interface Fence {
  readonly namespace: string;
  readonly name: string;
  readonly holderIdentity: string;
  readonly leaseTransitions: number;
}

const FORM = /^([^/;]+)\/([^/;]+);(.+);(\d+)$/;

/** Reads `<namespace>/<lease>;<holderIdentity>;<leaseTransitions>`. Throws BadRequest for anything else. */
export function parseFence(header: string): Fence {
  const [, namespace, name, holderIdentity, transitions] = FORM.exec(header) ?? [];
  if (!namespace || !name || !holderIdentity) {
    throw new StatusError(
      "BadRequest",
      `invalid ${FENCE_HEADER} header: expected <namespace>/<lease>;<holderIdentity>;<leaseTransitions>`,
    );
  }
  return { namespace, name, holderIdentity, leaseTransitions: Number(transitions) };
}

/** The check that makes a transaction fail once the Lease has changed. Throws Conflict when it does not support the fence. */
export async function planFence(resources: ResourceTable, fence: Fence, view: View): Promise<Partial<Draft>> {
  const entry = await view.get(resources.require(leases), fence);
  if (!entry) throw broken(fence, "the lease does not exist");
  const { holderIdentity = "", leaseTransitions = 0 } = objectOf<Lease>(entry).spec;
  if (holderIdentity !== fence.holderIdentity) throw broken(fence, `it is held by ${JSON.stringify(holderIdentity)}`);
  if (leaseTransitions !== fence.leaseTransitions) throw broken(fence, `it has changed hands since`);
  return { checks: [{ key: entry.key, revision: entry.revision }] };
}

function broken({ namespace, name, holderIdentity, leaseTransitions }: Fence, why: string): StatusError {
  return new StatusError(
    "Conflict",
    `the write is fenced by lease ${namespace}/${name}, which ${JSON.stringify(holderIdentity)} does not hold in term ${leaseTransitions}: ${why}`,
    { details: { name, group: leases.group, kind: leases.plural } },
  );
}

/** The checks that a request's fence asks for; none where it carries no fence. */
export async function planFences(
  resources: ResourceTable,
  http: HttpRequest,
  view: View,
): Promise<readonly Partial<Draft>[]> {
  const header = http.headers[FENCE_HEADER];
  return header === undefined ? [] : [await planFence(resources, parseFence(header), view)];
}
