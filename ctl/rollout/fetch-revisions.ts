// Asks the server for the replica sets that are a deployment's revisions.

import type { Deployment } from "../../api/apps/deployment.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import { renderSelector, selectorOf } from "../../api/meta/selector.ts";
import { CommandError } from "../command-error.ts";
import type { SelectedObject } from "../select-objects.ts";
import type { Session } from "../session.ts";
import { readRevisions, type Revision } from "./rollout-history.ts";

/** Throws CommandError for kinds without revisions; `what` is what there is none of. */
export async function fetchRevisions(
  session: Session,
  { type, namespace, object }: SelectedObject,
  what: "history viewer" | "rollbacker",
): Promise<readonly Revision[]> {
  if (type.kind !== "Deployment") {
    const kind = type.group ? `${type.kind}.${type.group}` : type.kind;
    throw new CommandError(`no ${what} has been implemented for ${JSON.stringify(kind)}`, { plain: true });
  }
  const deployment = object as unknown as Deployment;
  const server = await session.server();
  const list = (await server.call({
    method: "GET",
    path: `/apis/apps/v1/namespaces/${namespace}/replicasets`,
    query: { labelSelector: renderSelector(selectorOf(deployment.spec.selector)) },
  })) as { readonly items: readonly ReplicaSet[] | null };
  return readRevisions(deployment, list.items ?? []);
}
