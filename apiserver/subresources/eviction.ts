// Evicts pods: a deletion that asks for permission first. The pod's deletion and what it costs its disruption budget are one
// transaction, so that evictions at the same time never take more pods than the budget allows.

import { setCondition } from "../../api/meta/condition-list.ts";
import { objectMeta } from "../../api/meta/object-meta.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { StatusError, type Status } from "../../api/meta/status.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { object, optional } from "../../api/schema/schema.ts";
import { formatTime } from "../../lib/clock.ts";
import type { Answer } from "../answer.ts";
import { targetOf, type ApiRequest } from "../api-request.ts";
import { deleteOptions, parseDeleteOptions, type DeleteOptions } from "../registry/delete-options.ts";
import { planRemove } from "../registry/delete.ts";
import { assertSameTarget } from "../registry/metadata.ts";
import { readDryRun } from "../registry/request-object.ts";
import { transact } from "../registry/transact.ts";
import { readBody } from "../request-body.ts";
import type { Server } from "../server.ts";
import { chargeBudget } from "./eviction-budget.ts";

const VERSIONS: readonly unknown[] = [undefined, "", "policy/v1", "policy/v1beta1"];

/** For bodies in protobuf. */
const eviction = object("io.k8s.api.policy.v1.Eviction", "Asks for a pod to go.", {
  metadata: optional(1, objectMeta, "Which pod."),
  deleteOptions: optional(2, deleteOptions, "How to delete it."),
});

interface SentEviction {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly deleteOptions?: unknown;
}

export async function createEviction(server: Server, request: ApiRequest): Promise<Answer> {
  const options = await readEviction(request);
  const prepare: Parameters<typeof planRemove>[2]["prepare"] = async (old, view) => {
    const pod = old as Pod;
    const besides = await chargeBudget(server, pod, view);
    return { object: withReason(pod, formatTime(server.clock.now())), besides };
  };
  await transact(server, (view) => planRemove(server, request, { view, options, prepare }), { dryRun: options.dryRun });
  const data: Status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
  return { kind: "data", status: 201, data };
}

/** Throws BadRequest for what is no eviction of the request's pod. */
async function readEviction(request: ApiRequest): Promise<DeleteOptions> {
  const { value } = await readBody(request.http, eviction);
  const sent = (value ?? {}) as SentEviction;
  if ((sent.kind && sent.kind !== "Eviction") || !VERSIONS.includes(sent.apiVersion)) {
    throw new StatusError("BadRequest", "the object provided is unrecognized (must be of type Eviction)");
  }
  const target = targetOf(request);
  assertSameTarget({ namespace: sent.metadata?.namespace }, { resource: pods, target });
  if (sent.metadata?.name !== target.name) {
    throw new StatusError("BadRequest", "name in URL does not match name in Eviction object");
  }
  const options = parseDeleteOptions(sent.deleteOptions ?? {});
  return { ...options, dryRun: options.dryRun || readDryRun(request) };
}

/** The pod says why it goes, as long as it is there to say so. */
function withReason(pod: Pod, now: string): KubeObject {
  const conditions = setCondition(pod.status.conditions, {
    type: "DisruptionTarget",
    status: "True",
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
    lastTransitionTime: now,
  });
  const evicted: Pod = { ...pod, status: { ...pod.status, conditions } };
  return conditions === pod.status.conditions ? pod : evicted;
}
