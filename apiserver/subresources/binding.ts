// Binds pods to nodes. Every way of binding goes through here: the pod and its node's allocation record change in one
// transaction, so that a node is never given more than it has.

import { binding, type Binding } from "../../api/core/binding.ts";
import { setCondition } from "../../api/meta/condition-list.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { conflict, invalid, type Status } from "../../api/meta/status.ts";
import { requiredField, unsupportedField } from "../../api/schema/field-error.ts";
import type { DataAnswer } from "../answer.ts";
import type { ApiRequest } from "../api-request.ts";
import { ownersIn } from "../ownership/owners.ts";
import { readDryRun, readObject, type Readable } from "../registry/request-object.ts";
import { planModification } from "../registry/update.ts";
import { transact } from "../registry/transact.ts";
import type { View } from "../registry/view.ts";
import { formatTime } from "../../lib/clock.ts";
import { outcomeOf } from "../allocation/placement-metrics.ts";
import { storageKey } from "../served-resource.ts";
import type { Server } from "../server.ts";

export const bindingKind: Readable = { group: "", version: "v1", kind: "Binding", schema: binding };

export async function createBinding(server: Server, request: ApiRequest): Promise<DataAnswer> {
  const sent = await readObject<Binding>(request, bindingKind);
  const { target, metadata } = sent;
  const { name = metadata.name } = request;
  if (!target.name) throw invalidBinding(name, requiredField("target.name"));
  if (target.kind && target.kind !== "Node") {
    throw invalidBinding(name, unsupportedField("target.kind", target.kind, ["Node", "<empty>"]));
  }
  const podRequest = { ...request, name, subresource: "binding" };
  const place = { node: target.name, uid: metadata.uid, annotations: metadata.annotations };
  const dryRun = readDryRun(request);
  const count = (failure?: unknown) => {
    if (!dryRun) server.placementMetrics.count(schedulerOf(server, podRequest), outcomeOf(failure));
  };
  try {
    await transact(server, (view) => planBinding(server, podRequest, { ...place, view }), { dryRun });
  } catch (error) {
    count(error);
    throw error;
  }
  count();
  return { kind: "data", status: 201, data: SUCCESS };
}

/** Who is to place the pod, for the figures: what it names itself. */
export function schedulerOf(
  { resources }: Server,
  pod: { readonly namespace?: string; readonly name: string },
): string {
  const served = resources.require(pods);
  const seen = served.cache.get(storageKey(served, pod))?.object as Pod | undefined;
  return seen?.spec.schedulerName ?? "default-scheduler";
}

const SUCCESS: Status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };

const invalidBinding = (name: string, error: Parameters<typeof invalid>[2][number]) =>
  invalid({ group: "", kind: "Binding", plural: "bindings" }, name, [error]);

export interface Place {
  readonly node: string;
  /** The pod meant; any of the name unless given. */
  readonly uid?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The transaction that places the request's pod. Throws NotFound and Conflict. */
export function planBinding(server: Server, request: ApiRequest, place: Place & { readonly view: View }) {
  return planModification(server, request, {
    view: place.view,
    next: (old) => bind(old as Pod, place, formatTime(server.clock.now())),
    prepare: (object) => object,
    // Who places a pod owns nothing of it.
    claim: ({ old }) => ownersIn(old.metadata.managedFields),
    isUnconditional: true,
    isServersOwn: true,
  });
}

/** The pod as bound. Exported for its test. Throws Conflict for pods that cannot be bound any more. */
export function bind(pod: Pod, { node, uid, annotations }: Place, now: string): Pod {
  const { name, deletionTimestamp } = pod.metadata;
  const refuse = (detail: string): never => {
    throw conflict({ ...pods, plural: "pods/binding" }, name, detail);
  };
  if (uid && uid !== pod.metadata.uid) {
    refuse(`Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`);
  }
  if (deletionTimestamp) refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) refuse(`pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  if (pod.spec.schedulingGates?.length) refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  const condition = { type: "PodScheduled", status: "True" as const, lastTransitionTime: now };
  return {
    ...pod,
    ...(annotations && { metadata: { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...annotations } } }),
    spec: { ...pod.spec, nodeName: node },
    status: { ...pod.status, conditions: setCondition(pod.status.conditions, condition) },
  };
}
