// `apply --prune`: deletes what an earlier apply has created and no manifest names any more.

import type { AnyList, AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { dryRunQuery, type DryRun, type Report } from "../report.ts";
import { apiVersionOfType, findType, pathOfType, type ResourceType } from "../resource-type.ts";
import type { Session } from "../session.ts";
import { LAST_APPLIED } from "./last-applied.ts";

/** kubectl's list: kinds that people write manifests of. */
const PRUNED: readonly string[] = [
  "v1/ConfigMap",
  "v1/Endpoints",
  "v1/Namespace",
  "v1/PersistentVolumeClaim",
  "v1/PersistentVolume",
  "v1/Pod",
  "v1/ReplicationController",
  "v1/Secret",
  "v1/Service",
  "batch/v1/Job",
  "batch/v1/CronJob",
  "networking.k8s.io/v1/Ingress",
  "apps/v1/DaemonSet",
  "apps/v1/Deployment",
  "apps/v1/ReplicaSet",
  "apps/v1/StatefulSet",
];

export interface PruneOptions {
  readonly selector: string | undefined;
  /** `core/v1/ConfigMap`, `apps/v1/Deployment` …; kubectl's own list where it is empty. */
  readonly allowlist: readonly string[];
  /** The namespaces of what was applied. */
  readonly namespaces: ReadonlySet<string>;
  /** The uids of what was applied. */
  readonly kept: ReadonlySet<string>;
  readonly dryRun: DryRun;
}

export async function prune(session: Session, options: PruneOptions, report: Report): Promise<void> {
  const types = await (await session.discovery()).all();
  const server = await session.server();
  for (const type of prunedTypes(types, options.allowlist)) {
    const namespaces = type.namespaced ? [...options.namespaces] : [undefined];
    for (const namespace of namespaces) {
      const query = { labelSelector: options.selector };
      const list = (await server.call({ method: "GET", path: pathOfType(type, { namespace }), query })) as AnyList;
      for (const object of planPrune(list.items ?? [], options.kept)) {
        const { name = "" } = object.metadata;
        if (options.dryRun !== "client") {
          const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background" };
          const path = pathOfType(type, { namespace, name });
          await server.call({ method: "DELETE", path, body, query: dryRunQuery(options.dryRun) });
        }
        report({ type, name }, object, "pruned");
      }
    }
  }
}

function prunedTypes(types: readonly ResourceType[], allowlist: readonly string[]): readonly ResourceType[] {
  const wanted = allowlist.length > 0 ? allowlist.map((each) => each.replace(/^core\//, "")) : PRUNED;
  return wanted.flatMap((each) => {
    const kind = each.slice(each.lastIndexOf("/") + 1);
    const apiVersion = each.slice(0, each.lastIndexOf("/"));
    const type = types.find((candidate) => candidate.kind === kind && apiVersionOfType(candidate) === apiVersion);
    if (!type && allowlist.length > 0) throw unknownEntry(each, findType(types, kind));
    return type ? [type] : [];
  });
}

function unknownEntry(entry: string, nearest: ResourceType | undefined): CommandError {
  const hint = nearest
    ? `; did you mean "${apiVersionOfType(nearest).replace(/^v1$/, "core/v1")}/${nearest.kind}"?`
    : "";
  return new CommandError(`invalid GroupVersionKind format: ${entry}, please follow <group/version/kind>${hint}`);
}

/** Those that apply has created, that are not being deleted, and that are not among those just applied. Pure. */
export const planPrune = (objects: readonly AnyObject[], kept: ReadonlySet<string>): readonly AnyObject[] =>
  objects.filter(
    ({ metadata }) =>
      metadata.annotations?.[LAST_APPLIED] !== undefined &&
      !metadata.deletionTimestamp &&
      !kept.has(metadata.uid ?? ""),
  );
