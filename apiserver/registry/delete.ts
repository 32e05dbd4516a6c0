// Deletes objects: at once, or by marking them and leaving the rest to finalizers, kubelets and controllers.

import type { KubeObject } from "../../api/meta/object.ts";
import { notFound, type Status } from "../../api/meta/status.ts";
import { admissionRequest, admitDeletion } from "../admission/run-admission.ts";
import type { Answer } from "../answer.ts";
import { targetOf, type ApiRequest } from "../api-request.ts";
import { planFences } from "../fence.ts";
import type { Server } from "../server.ts";
import type { Entry } from "../storage/cache-entry.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { readDeleteOptions, type DeleteOptions } from "./delete-options.ts";
import { assertPreconditions, planDeletion } from "./deletion.ts";
import type { Draft } from "./draft.ts";
import { planPut, planRemoval } from "./plan-write.ts";
import { transact, type Attempt } from "./transact.ts";
import type { View } from "./view.ts";

export interface Deleted {
  readonly entry: Entry;
  /** False: it is marked, and goes later. */
  readonly isGone: boolean;
}

export async function deleteObject(server: Server, request: ApiRequest): Promise<Answer> {
  const options = await readDeleteOptions(request.http);
  const { entry, isGone } = await remove(server, request, options);
  const { rules, resource } = request.served;
  if (!isGone || rules.returnsDeleted) {
    // Kubernetes says Accepted only to those who ask in the older way for the dependents' deletion.
    const isPending = !isGone && options.orphanDependents === false;
    return { kind: "object", status: isPending ? 202 : 200, object: entry.object };
  }
  return { kind: "data", status: 200, data: successOf(resource, entry.object) };
}

/** Deletes the request's object. Throws NotFound, Conflict for preconditions, and what admission refuses. */
export function remove(server: Server, request: ApiRequest, options: DeleteOptions): Promise<Deleted> {
  return transact(server, (view) => planRemove(server, request, { view, options }), { dryRun: options.dryRun });
}

export interface Removal {
  readonly view: View;
  readonly options: DeleteOptions;
  /** What its deletion changes in the object besides, and what must hold and be written with it; may refuse it. */
  prepare?(
    object: KubeObject,
    view: View,
  ): Promise<{ readonly object: KubeObject; readonly besides: readonly Partial<Draft>[] }>;
}

/** One attempt to delete the request's object. Throws as `remove` does, and what `prepare` throws. */
export async function planRemove(server: Server, request: ApiRequest, removal: Removal): Promise<Attempt<Deleted>> {
  const { served } = request;
  const { view, options, prepare } = removal;
  const target = targetOf(request);
  const old = await view.get(served, target);
  if (!old) throw notFound(served.resource, target.name);
  assertPreconditions(served.resource, old.object, options);
  const prepared = (await prepare?.(old.object, view)) ?? { object: old.object, besides: [] };
  const asked = { operation: "DELETE", key: target, old: old.object, view, isDryRun: options.dryRun } as const;
  const conditions = await admitDeletion(server.admission, admissionRequest(server, request, asked));
  const fences = await planFences(server.resources, request.http, view);
  const besides = [...prepared.besides, ...conditions, ...fences];
  const plan = planDeletion(served, { object: prepared.object, options, nowMs: server.clock.now() });
  const object = plan.next ?? prepared.object;
  if (!plan.remove && object === old.object) return { outcome: () => ({ entry: old, isGone: false }) };
  const change = { key: target, old, object };
  const attempt = await (plan.remove ? planRemoval : planPut)(served, change, { view, besides });
  return { ...attempt, outcome: (revision) => ({ entry: attempt.outcome(revision), isGone: plan.remove }) };
}

const successOf = ({ group, plural }: ResourceDefinition, { metadata }: KubeObject): Status => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Success",
  details: { name: metadata.name, ...(group && { group }), kind: plural, uid: metadata.uid },
});
