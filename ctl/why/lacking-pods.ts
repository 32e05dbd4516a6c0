// Why a workload has fewer pods than it wants: the server refuses to make them, and says why to the controller. Pure.

import { addQuantities, parseQuantity, renderQuantity } from "../../api/meta/quantity.ts";
import { listAt, textAt, valueAt, type AnyObject } from "../any-object.ts";
import type { Answer, AnswerChange } from "./answer.ts";

export interface Workload {
  readonly object: AnyObject;
  /** What has happened to it. */
  readonly events: readonly AnyObject[];
  /** Of its namespace. */
  readonly quotas: readonly AnyObject[];
}

/** Undefined: nobody refuses pods of this workload. */
export function explainLack({ object, events, quotas }: Workload): Answer | undefined {
  const { kind, metadata } = object;
  const refusal = refusalOf(object, events);
  if (refusal === undefined) return undefined;
  const about = `${kind} ${metadata.namespace}/${metadata.name}`;
  const evidence = [`The controller of ${kind} ${metadata.name} was told: ${refusal}`];
  const exceeded = parseExceeded(refusal);
  const quota = quotas.find((each) => each.metadata.name === exceeded?.quota);
  if (!exceeded || !quota) {
    const summary = `The API server refuses to create pods of ${kind} ${metadata.name}.`;
    return { about, cause: "Refused", summary, evidence, changes: [], advice: [] };
  }
  const resources = [...exceeded.requested.keys()].join(", ");
  return {
    about,
    cause: "QuotaExceeded",
    summary: `The pods of ${kind} ${metadata.name} are not created: the quota ${exceeded.quota} of the namespace ${metadata.namespace} is used up (${resources}).`,
    evidence,
    changes: [raiseQuota(quota, exceeded.requested, lackingPods(object))],
    advice: [],
  };
}

/** A condition tells what holds now; events are told of by others. */
function refusalOf(object: AnyObject, events: readonly AnyObject[]): string | undefined {
  const condition = listAt(object, "status", "conditions").find((each) => textAt(each, "type") === "ReplicaFailure");
  if (condition && textAt(condition, "status") === "True") return textAt(condition, "message");
  const wanted = Number(textAt(object, "spec", "replicas") || "1");
  if (object.kind === "Deployment" || Number(textAt(object, "status", "replicas") || "0") >= wanted) return undefined;
  const refusals = events.filter((event) => textAt(event, "reason") === "FailedCreate");
  const newest = refusals.sort((a, b) => seenAt(b).localeCompare(seenAt(a)))[0];
  return newest && textAt(newest, "message");
}

const seenAt = (event: AnyObject) =>
  textAt(event, "series", "lastObservedTime") || textAt(event, "lastTimestamp") || textAt(event, "eventTime");

interface Exceeded {
  readonly quota: string;
  readonly requested: ReadonlyMap<string, string>;
}

/** As admission words it: `exceeded quota: q, requested: pods=1,cpu=2, used: pods=2,cpu=1, limited: pods=2,cpu=2`. */
function parseExceeded(message: string): Exceeded | undefined {
  const found = /exceeded quota: ([^,]+), requested: (.*?), used: /.exec(message);
  if (!found) return undefined;
  const pairs = (found[2] ?? "").split(",").map((pair): [string, string] => {
    const [name = "", amount = "0"] = pair.split("=");
    return [name, amount];
  });
  return { quota: found[1] ?? "", requested: new Map(pairs) };
}

/** For all the pods that the workload lacks. */
function raiseQuota(quota: AnyObject, requested: ReadonlyMap<string, string>, lacking: number): AnswerChange {
  const { name, namespace } = quota.metadata;
  const hard = Object.fromEntries(
    [...requested].map(([resource, amount]) => {
      const each = parseQuantity(amount);
      const needed = { ...each, nanos: each.nanos * BigInt(lacking) };
      const used = parseQuantity(textAt(quota, "status", "used", resource) || "0");
      return [resource, renderQuantity(addQuantities(used, needed))];
    }),
  );
  const spec = valueAt(quota, "spec") as { readonly hard?: Readonly<Record<string, string>> };
  const told = Object.entries(hard).map(([resource, amount]) => `${resource} ${amount}`);
  const pods = lacking === 1 ? "the pod that is lacking" : `the ${lacking} pods that are lacking`;
  return {
    steps: [
      {
        text: `Raise the quota ${name} to ${told.join(" and ")}, for ${pods}, or delete what uses it up.`,
        command: `kctl patch resourcequota ${name} -n ${namespace} --type=merge -p '${JSON.stringify({ spec: { hard } })}'`,
      },
    ],
    edits: [{ verb: "update", object: { ...quota, spec: { ...spec, hard: { ...spec.hard, ...hard } } } }],
  };
}

const lackingPods = (object: AnyObject): number =>
  Math.max(1, Number(textAt(object, "spec", "replicas") || "1") - Number(textAt(object, "status", "replicas") || "0"));
