// The static pods of a node, as its kubelet is to run them: follows a directory of manifests, gives a pod that is taken away
// its time to end, and lets another of the same name begin only after that.

import type { Pod } from "../../api/core/pod.ts";
import type { PodStatus } from "../../api/core/pod-status.ts";
import { formatKey, keyOf } from "../../api/meta/object.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import type { Change, Unsubscribe } from "../../client/informer.ts";
import { formatTime, pause, type Clock } from "../../lib/clock.ts";
import { deepEqual } from "../../lib/deep-equal.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { Log } from "../../lib/log.ts";
import { nodeSubject } from "../node-subject.ts";
import type { ManifestDirectory, ManifestFile } from "./manifest-directory.ts";
import { parseManifest } from "./parse-manifest.ts";

export interface StaticPodSourceDeps {
  readonly directory: ManifestDirectory;
  readonly nodeName: string;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long a change may go unnoticed where nothing tells of it; Kubernetes' own. */
const LOOK_MS = 20_000;
/** A file that is being written is read when it is whole. */
const SETTLE_MS = 100;
const DEFAULT_GRACE_SECONDS = 30;

type Listener = (change: Change<Pod>) => void;

export class StaticPodSource {
  /** Resolves when the directory has been read for the first time. */
  readonly synced: Promise<void>;
  readonly #deps: StaticPodSourceDeps;
  #markSynced: () => void = () => undefined;
  readonly #listeners = new Set<Listener>();
  /** What the files say, by namespace and name. Bound: the files of the directory. */
  #wanted: ReadonlyMap<string, Pod> = new Map();
  /** What the kubelet runs, until it has ended, by namespace and name. */
  readonly #running = new Map<string, Pod>();
  /** What was told of each file, so that it is told once. */
  #problems: ReadonlyMap<string, string> = new Map();
  #wake: () => void = () => undefined;

  constructor(deps: StaticPodSourceDeps) {
    this.#deps = deps;
    this.synced = new Promise((resolve) => (this.#markSynced = resolve));
  }

  list(): readonly Pod[] {
    return [...this.#running.values()];
  }

  /** The pod of that name, also while it ends. */
  get(key: string): Pod | undefined {
    return this.#running.get(key);
  }

  /** At once with an "added" for each pod that is there. */
  onChange(listen: Listener): Unsubscribe {
    this.#listeners.add(listen);
    for (const object of this.list()) listen({ type: "added", object });
    return () => this.#listeners.delete(listen);
  }

  /** What is to be known of a pod that runs; whoever listens sees it as a change of the pod. */
  report(pod: Pod, status: PodStatus): void {
    const key = formatKey(keyOf(pod));
    const before = this.#running.get(key);
    if (before?.metadata.uid !== pod.metadata.uid || deepEqual(before.status, status)) return;
    const object = { ...before, status };
    this.#running.set(key, object);
    this.#announce({ type: "updated", object, before });
  }

  /** Nothing runs of the pod any more. */
  ended(uid: string): void {
    for (const [key, pod] of this.#running) {
      if (pod.metadata.uid !== uid) continue;
      this.#running.delete(key);
      this.#announce({ type: "deleted", object: pod });
    }
    this.#update();
  }

  /** Follows the directory until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { directory, clock, log } = this.#deps;
    let isDirty = false;
    const look = () => {
      isDirty = true;
      this.#wake();
    };
    signal.addEventListener("abort", look, { once: true });
    let isWatching = false;
    while (!signal.aborted) {
      isDirty = false;
      try {
        this.#take(await directory.read());
        if (!isWatching) directory.watch(look, signal);
        isWatching = true;
      } catch (error) {
        log.error("The directory of static pods cannot be read; what ran goes on", { error });
      }
      if (!isDirty) {
        await new Promise<void>((resolve) => {
          const cancelTimer = clock.setTimer(LOOK_MS, resolve);
          this.#wake = () => {
            cancelTimer();
            resolve();
          };
        });
      }
      if (isDirty) await pause(clock, SETTLE_MS, signal);
    }
  }

  #take(files: readonly ManifestFile[]): void {
    const wanted = new Map<string, Pod>();
    const problems = new Map<string, string>();
    for (const file of files) {
      try {
        const pod = this.#parse(file);
        const key = formatKey(keyOf(pod));
        if (wanted.has(key)) throw new Error(`another file holds a pod ${key} already`);
        wanted.set(key, pod);
      } catch (error) {
        problems.set(file.path, errorMessage(error));
      }
    }
    this.#tell(problems);
    this.#wanted = wanted;
    this.#update();
    this.#markSynced();
  }

  #parse({ path, content }: ManifestFile): Pod {
    if ("problem" in content) throw new Error(content.problem);
    return parseManifest(content.text, { path, nodeName: this.#deps.nodeName, nowMs: this.#deps.clock.now() });
  }

  #tell(problems: ReadonlyMap<string, string>): void {
    const { log, events, nodeName } = this.#deps;
    for (const [path, problem] of problems) {
      if (this.#problems.get(path) === problem) continue;
      log.error("A manifest of a static pod cannot be used", { path, problem });
      events.record(nodeSubject(nodeName), "Warning", "FailedToReadStaticPod", `${path} is no static pod: ${problem}`);
    }
    this.#problems = problems;
  }

  #update(): void {
    for (const [key, pod] of this.#running) {
      if (this.#wanted.get(key)?.metadata.uid === pod.metadata.uid || pod.metadata.deletionTimestamp) continue;
      const ending = this.#end(pod);
      this.#running.set(key, ending);
      this.#announce({ type: "updated", object: ending, before: pod });
    }
    for (const [key, pod] of this.#wanted) {
      if (this.#running.has(key)) continue;
      this.#running.set(key, pod);
      this.#announce({ type: "added", object: pod });
    }
  }

  #end(pod: Pod): Pod {
    const seconds = pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
    const deletionTimestamp = formatTime(this.#deps.clock.now() + seconds * 1000);
    return { ...pod, metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: seconds } };
  }

  #announce(change: Change<Pod>): void {
    for (const listen of [...this.#listeners]) listen(change);
  }
}
