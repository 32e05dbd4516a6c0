// Asks the server for the revisions of a workload: a deployment's are its replica sets, others have controller revisions.

import type { ControllerRevision } from "../../api/apps/controller-revision.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import { renderSelector, selectorOf } from "../../api/meta/selector.ts";
import { CommandError } from "../command-error.ts";
import type { SelectedObject } from "../select-objects.ts";
import type { Session } from "../session.ts";
import { readControllerRevisions, readReplicaSets, type Revision, type Workload } from "./rollout-history.ts";

const WITH_CONTROLLER_REVISIONS = ["DaemonSet", "StatefulSet"];

/** Throws CommandError for kinds without revisions; `what` is what there is none of. */
export async function fetchRevisions(
  session: Session,
  { type, namespace, object }: SelectedObject,
  what: "history viewer" | "rollbacker",
): Promise<readonly Revision[]> {
  const workload = object as unknown as Workload;
  const server = await session.server();
  const listOf = async <T>(plural: string): Promise<readonly T[]> => {
    const list = await server.call({
      method: "GET",
      path: `/apis/apps/v1/namespaces/${namespace}/${plural}`,
      query: { labelSelector: renderSelector(selectorOf(workload.spec.selector)) },
    });
    return (list as { readonly items: readonly T[] | null }).items ?? [];
  };
  if (type.kind === "Deployment") return readReplicaSets(workload, await listOf<ReplicaSet>("replicasets"));
  if (WITH_CONTROLLER_REVISIONS.includes(type.kind)) {
    return readControllerRevisions(workload, await listOf<ControllerRevision>("controllerrevisions"));
  }
  const kind = type.group ? `${type.kind}.${type.group}` : type.kind;
  throw new CommandError(`no ${what} has been implemented for ${JSON.stringify(kind)}`, { plain: true });
}
