// The pods of jobs as the controller's own writes leave them, also before its cache shows these: a pod that was counted
// would otherwise be counted again, and one that was created be created again.

import { jobs, type Job } from "../../api/batch/job.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { keyOf } from "../../api/meta/object.ts";
import { matchesSelector, selectorOf } from "../../api/meta/selector.ts";
import { ignoreNotFound } from "../../api/meta/status.ts";
import type { ControllerDeps } from "../../client/controller.ts";
import type { Change, Informer } from "../../client/informer.ts";
import { formatTime } from "../../lib/clock.ts";
import { applyClaim, planClaim } from "../claim.ts";
import { OwnWrites } from "../own-writes.ts";
import { BY_CONTROLLER, ORPHANS, ownershipIndexers } from "../ownership-index.ts";
import { buildPod } from "./build-pod.ts";
import type { PodToCreate } from "./plan-pods.ts";
import { isTracked, TRACKING_FINALIZER } from "./pod-facts.ts";

/** What was done to a pod and its cached version does not show yet. */
interface Unseen {
  readonly isReleased?: boolean;
  readonly deletedMs?: number;
}

/** Bound: pods with writes that the cache has not shown yet. */
export class JobPods {
  readonly #deps: ControllerDeps;
  readonly #pods: Informer<Pod>;
  readonly #ownWrites: OwnWrites<Pod>;
  /** By uid. */
  readonly #unseen = new Map<string, Unseen>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#pods = deps.informer(pods, ownershipIndexers);
    this.#ownWrites = new OwnWrites(this.#pods, deps.clock);
    this.#pods.onChange((change) => this.#see(change));
  }

  /** Adopts and sets free what the selector says. True if that changed anything, which the cache will show soon. */
  async claim(job: Job): Promise<boolean> {
    const { uid, namespace = "" } = job.metadata;
    const candidates = [...this.#pods.byIndex(BY_CONTROLLER, uid), ...this.#pods.byIndex(ORPHANS, namespace)];
    const claim = planClaim(job, selectorOf(job.spec.selector), candidates);
    const context = { owner: job, ownerResource: jobs, resource: pods, finalizer: TRACKING_FINALIZER };
    await applyClaim({ client: this.#deps.client, ...context }, claim);
    return claim.adopt.length + claim.release.length > 0;
  }

  of({ metadata, spec }: Job): readonly Pod[] {
    const selector = selectorOf(spec.selector);
    const cached = this.#pods.byIndex(BY_CONTROLLER, metadata.uid);
    return this.#ownWrites
      .effective(metadata.uid, cached)
      .filter((pod) => matchesSelector(selector, pod.metadata.labels ?? {}))
      .map((pod) => this.#asLeft(pod));
  }

  create(job: Job, pod: PodToCreate): Promise<Pod> {
    return this.#ownWrites.create(job.metadata.uid, () => this.#deps.client.create(pods, buildPod(job, pod)));
  }

  async delete(pod: Pod): Promise<void> {
    const options = { preconditions: { uid: pod.metadata.uid } };
    await this.#deps.client.delete(pods, keyOf(pod), options).catch(ignoreNotFound);
    this.#note(pod, { deletedMs: this.#deps.clock.now() });
  }

  /** Takes the finalizer away. */
  async release(pod: Pod): Promise<void> {
    await releasePod(this.#deps, pod);
    this.#note(pod, { isReleased: true });
  }

  #note(pod: Pod, done: Unseen): void {
    const { uid } = pod.metadata;
    const cached = this.#pods.get(keyOf(pod));
    if (cached?.metadata.uid !== uid) return;
    const unseen = notShown({ ...this.#unseen.get(uid), ...done }, cached);
    if (unseen) this.#unseen.set(uid, unseen);
  }

  #see({ type, object }: Change<Pod>): void {
    const { uid } = object.metadata;
    const known = this.#unseen.get(uid);
    if (!known) return;
    const unseen = type === "deleted" ? undefined : notShown(known, object);
    if (unseen) this.#unseen.set(uid, unseen);
    else this.#unseen.delete(uid);
  }

  #asLeft(pod: Pod): Pod {
    const unseen = this.#unseen.get(pod.metadata.uid);
    if (!unseen) return pod;
    const { finalizers = [], deletionTimestamp } = pod.metadata;
    const { isReleased, deletedMs } = unseen;
    const left = isReleased ? finalizers.filter((each) => each !== TRACKING_FINALIZER) : finalizers;
    const deleted = deletionTimestamp ?? (deletedMs === undefined ? undefined : formatTime(deletedMs));
    return { ...pod, metadata: { ...pod.metadata, finalizers: left, ...(deleted && { deletionTimestamp: deleted }) } };
  }
}

function notShown({ isReleased, deletedMs }: Unseen, pod: Pod): Unseen | undefined {
  const released = isReleased && isTracked(pod);
  const deleted = pod.metadata.deletionTimestamp ? undefined : deletedMs;
  return released || deleted !== undefined ? { isReleased: released, deletedMs: deleted } : undefined;
}

/** Takes a job's finalizer from the pod; nothing where the pod is gone. */
export async function releasePod({ client }: Pick<ControllerDeps, "client">, pod: Pod): Promise<void> {
  const { uid } = pod.metadata;
  const patch = { metadata: { uid, "$deleteFromPrimitiveList/finalizers": [TRACKING_FINALIZER] } };
  await client.patch(pods, keyOf(pod), { type: "strategic", patch }).catch(ignoreNotFound);
}
