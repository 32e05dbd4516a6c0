// Brings the statuses that the pods' workers report to the API: only what changed, the newest status only, again and again
// until the server has taken it. Also deletes a pod from the API once nothing of it is left on the node.

import { pods, type Pod } from "../api/core/pod.ts";
import type { PodStatus } from "../api/core/pod-status.ts";
import { formatKey, keyOf } from "../api/meta/object.ts";
import { isConflict, isNotFound } from "../api/meta/status.ts";
import type { Client } from "../client/client.ts";
import { withDeadline } from "../client/deadline.ts";
import { WorkQueue } from "../client/workqueue.ts";
import type { Clock } from "../lib/clock.ts";
import { deepEqual } from "../lib/deep-equal.ts";
import type { Log } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";

export interface StatusWriterDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Writes at the same time. */
const CONCURRENCY = 10;
/** An answer that does not come may be lost on the way: the write is repeated, which does no harm. */
const ANSWER_MAX_MS = 5000;
/** With the time for an answer, a network that has healed has the final status in less than ten seconds. */
const BACKOFF = { initialMs: 100, maxMs: 4000 };

/** What is known and wanted of one pod's status. Bound: one entry for each pod with a worker. */
interface Entry {
  /** As the server last gave it, by a watch or in answer to a write. */
  pod: Pod;
  wanted: PodStatus;
  /** Delete the pod after its status is written. */
  deleting: boolean;
  readonly waiting: Set<() => void>;
}

/** What the workers of pods need of it. */
export type PodStatuses = Pick<StatusWriter, "newest" | "reported" | "report" | "delete" | "forget">;

export class StatusWriter {
  readonly #deps: StatusWriterDeps;
  readonly #queue: WorkQueue;
  readonly #entries = new Map<string, Entry>();

  constructor(deps: StatusWriterDeps) {
    this.#deps = deps;
    const { clock, metrics } = deps;
    this.#queue = new WorkQueue({ name: "pod-status", clock, metrics, backoff: BACKOFF });
  }

  /** Writes until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: CONCURRENCY }, () => this.#work(signal)));
    this.#queue.clear();
  }

  /**
   * The newest version of the pod that is known, from a watch or in answer to a write. What is planned from an older one
   * would undo what was written last, and its answer would come round as a change again.
   */
  newest(pod: Pod): Pod {
    const known = this.#entries.get(pod.metadata.uid)?.pod;
    return known && isNewer(known, pod) ? known : pod;
  }

  /** The status that was last reported for the pod, or else the one in the API. */
  reported(pod: Pod): PodStatus {
    return this.#entries.get(pod.metadata.uid)?.wanted ?? pod.status;
  }

  /** `status` is what the pod's status should be; returns at once. */
  report(pod: Pod, status: PodStatus): void {
    const entry = this.#entry(pod, status);
    entry.wanted = status;
    if (!isWritten(entry)) this.#queue.add(pod.metadata.uid);
  }

  /** Writes what was reported last and then deletes the pod from the API. Resolves when it is deleted or replaced. */
  delete(pod: Pod, signal: AbortSignal): Promise<void> {
    const entry = this.#entry(pod, pod.status);
    entry.deleting = true;
    this.#queue.add(pod.metadata.uid);
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason as Error);
      signal.addEventListener("abort", abort, { once: true });
      entry.waiting.add(() => {
        signal.removeEventListener("abort", abort);
        resolve();
      });
    });
  }

  /** Nothing more is to be written about the pod. */
  forget(uid: string): void {
    for (const tell of this.#entries.get(uid)?.waiting ?? []) tell();
    this.#entries.delete(uid);
    this.#queue.forget(uid);
  }

  #entry(pod: Pod, status: PodStatus): Entry {
    const { uid } = pod.metadata;
    const entry = this.#entries.get(uid) ?? { pod, wanted: status, deleting: false, waiting: new Set() };
    this.#entries.set(uid, entry);
    if (isNewer(pod, entry.pod)) entry.pod = pod;
    return entry;
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let uid = await this.#queue.take(signal); uid !== undefined; uid = await this.#queue.take(signal)) {
      try {
        await this.#writeInTime(uid, signal);
        this.#queue.forget(uid);
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) this.forget(uid);
        else if (!signal.aborted) this.#retry(uid, error);
      }
      this.#queue.done(uid);
    }
  }

  #retry(uid: string, error: unknown): void {
    const failures = this.#queue.retry(uid);
    this.#deps.log.warn("A pod's status could not be written; it is tried again", { uid, failures, error });
  }

  #writeInTime(uid: string, signal: AbortSignal): Promise<void> {
    const deadline = { clock: this.#deps.clock, delayMs: ANSWER_MAX_MS, signal };
    return withDeadline(deadline, (until) => this.#write(uid, until));
  }

  async #write(uid: string, signal: AbortSignal): Promise<void> {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    const { client } = this.#deps;
    const key = keyOf(entry.pod);
    if (!isWritten(entry)) {
      const patch = buildStatusPatch(entry.pod, entry.wanted);
      const written = await client.patch(pods, key, { type: "strategic", patch }, { subresource: "status", signal });
      if (isNewer(written, entry.pod)) entry.pod = written;
    }
    if (!entry.deleting) return;
    await client.delete(pods, key, { gracePeriodSeconds: 0, preconditions: { uid }, signal });
    this.#deps.log.info("A pod has ended and was deleted", { pod: formatKey(key) });
    this.forget(uid);
  }
}

const isNewer = (pod: Pod, than: Pod): boolean =>
  BigInt(pod.metadata.resourceVersion) > BigInt(than.metadata.resourceVersion);

const isWritten = ({ pod, wanted }: Entry): boolean => Object.keys(buildPatchedStatus(pod.status, wanted)).length === 0;

/** The uid makes the server refuse the patch when another pod has taken the name. */
export function buildStatusPatch({ metadata, status }: Pod, wanted: PodStatus): unknown {
  return { metadata: { uid: metadata.uid }, status: buildPatchedStatus(status, wanted) };
}

/** What the kubelet owns of a status. Conditions of other types and the other fields (qosClass too) belong to others. */
const OWN_FIELDS = [
  "phase",
  "reason",
  "message",
  "hostIP",
  "hostIPs",
  "podIP",
  "podIPs",
  "startTime",
  "initContainerStatuses",
  "containerStatuses",
  "ephemeralContainerStatuses",
] as const;
/** Conditions that are taken away when they do not hold any more. */
const PASSING_CONDITIONS: ReadonlySet<string> = new Set(["PodResizePending", "PodResizeInProgress"]);
/** Lists that a strategic merge would add to. */
const REPLACED_LISTS: ReadonlySet<string> = new Set(["hostIPs", "podIPs"]);

function buildPatchedStatus(current: PodStatus, wanted: PodStatus): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const field of OWN_FIELDS) {
    if (deepEqual(current[field], wanted[field])) continue;
    const value = wanted[field];
    const replace = Array.isArray(value) && REPLACED_LISTS.has(field);
    patch[field] = value === undefined ? null : replace ? [{ $patch: "replace" }, ...(value as unknown[])] : value;
  }
  const conditions = (wanted.conditions ?? []).filter((condition) => {
    const before = current.conditions?.find(({ type }) => type === condition.type);
    return !deepEqual(before, condition);
  });
  const ended = (current.conditions ?? []).filter(
    ({ type }) => PASSING_CONDITIONS.has(type) && !wanted.conditions?.some((each) => each.type === type),
  );
  // A reason or message that is not there any more has to be taken away by name.
  if (conditions.length + ended.length > 0) {
    patch.conditions = [
      ...conditions.map((each) => ({ reason: null, message: null, ...each })),
      ...ended.map(({ type }) => ({ type, $patch: "delete" })),
    ];
  }
  return patch;
}
