// The pods that wait for a node. A pod is in one of three places: active (to be tried next, by priority), back-off (to be tried
// in a while) or unschedulable (until something changes that may help it, at the latest after five minutes).
// Bound: one entry for each pod that has no node.

import { backoffDelayMs, type Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { ClusterChange, Blocker } from "./framework.ts";
import { Heap } from "./heap.ts";
import type { PodInfo } from "./pod-info.ts";

export interface QueuedPod {
  pod: PodInfo;
  /** How often it has been tried. */
  attempts: number;
  /** When it was last tried, on the monotonic clock. */
  triedMs: number;
}

type Place = "active" | "backoff" | "unschedulable";

interface Entry extends QueuedPod {
  place: Place | undefined;
  /** Grows with each entry into the active queue: equal priorities are served in this order. */
  order: number;
  rejectedBy: ReadonlySet<Blocker>;
  /** While it is unschedulable: what may help it. */
  unblockedBy: readonly ClusterChange[];
  /** While it is unschedulable: nothing but `resume` helps it. */
  isHeld: boolean;
  cancelTimer: () => void;
}

/** A pod's place in the line of those to be tried next. */
export interface ActivePod {
  readonly entry: { readonly pod: PodInfo };
  /** Grows with each entry into the line. */
  readonly order: number;
}

/** The line of pods to be tried next. May hold pods that have left it since: `isCurrent` tells. */
export interface ActiveLine<T extends ActivePod> {
  push(item: T): void;
  pop(): T | undefined;
}

export interface LineRules<T extends ActivePod> {
  /** Which of two pods comes first: by priority, then by age. */
  before(a: T, b: T): boolean;
  isCurrent(item: T): boolean;
}

export type BuildLine = <T extends ActivePod>(rules: LineRules<T>) => ActiveLine<T>;

const byPriority: BuildLine = ({ before }) => new Heap(before);

interface Active extends ActivePod {
  readonly entry: Entry;
}

/** As kube-scheduler. */
const BACKOFF: Backoff = { initialMs: 1000, maxMs: 10_000 };

export interface QueueOptions {
  /** Another order of the pods to be tried next. */
  readonly buildLine?: BuildLine;
  /** How long a pod waits after a failure; kube-scheduler's 1 to 10 s unless given. */
  readonly backoff?: Backoff;
}
const UNSCHEDULABLE_MS_MAX = 300_000;

export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #entries = new Map<string, Entry>();
  readonly #counts: Record<Place | "gated", number> = { active: 0, backoff: 0, unschedulable: 0, gated: 0 };
  /** The pods that may not be tried yet, by uid. */
  readonly #gated = new Set<string>();
  /** May hold entries that have left the active queue since; they are skipped. */
  readonly #active: ActiveLine<Active>;
  /** The unschedulable pods by what may help them, so that most changes concern none of them. */
  readonly #waiting = new Map<ClusterChange, Set<Entry>>();
  #order = 0;
  #wakeTaker: (() => void) | undefined;

  constructor(clock: Clock, { buildLine = byPriority, backoff = BACKOFF }: QueueOptions = {}) {
    this.#clock = clock;
    this.#backoff = backoff;
    this.#active = buildLine<Active>({
      before: (a, b) =>
        a.entry.pod.priority > b.entry.pod.priority ||
        (a.entry.pod.priority === b.entry.pod.priority && a.order < b.order),
      isCurrent: ({ entry, order }) => entry.place === "active" && entry.order === order,
    });
  }

  /** How many pods are in each place, or may not enter any. */
  get counts(): Readonly<Record<Place | "gated", number>> {
    return this.#counts;
  }

  /** A pod that is new, or a new version of one that is here: what kept it from being scheduled may be gone. */
  put(pod: PodInfo): void {
    const entry = this.#entries.get(pod.uid);
    if (!entry) {
      this.remove(pod.uid);
      const added: Entry = {
        pod,
        attempts: 0,
        triedMs: 0,
        place: undefined,
        order: 0,
        rejectedBy: new Set(),
        unblockedBy: [],
        isHeld: false,
        cancelTimer,
      };
      this.#entries.set(pod.uid, added);
      this.#activate(added);
      return;
    }
    const before = entry.pod;
    entry.pod = pod;
    // What the scheduler itself writes to the status is no reason to try again.
    if (entry.place === "unschedulable" && before.classKey !== pod.classKey) this.#wake(entry);
  }

  /** Whether the pod still needs a node. */
  has(uid: string): boolean {
    return this.#entries.has(uid);
  }

  /** The pod may not be tried yet: something else has to happen to it first. */
  gate(uid: string): void {
    this.remove(uid);
    this.#gated.add(uid);
    this.#counts.gated = this.#gated.size;
  }

  /** The pod has a node, or is gone. */
  remove(uid: string): void {
    if (this.#gated.delete(uid)) this.#counts.gated = this.#gated.size;
    const entry = this.#entries.get(uid);
    if (!entry) return;
    this.#leave(entry);
    this.#entries.delete(uid);
  }

  /** The next pod to try, as soon as there is one; undefined once `signal` is aborted. */
  async take(signal: AbortSignal): Promise<QueuedPod | undefined> {
    while (!signal.aborted) {
      const next = this.#takeNow();
      if (next) return next;
      await new Promise<void>((resolve) => {
        const wake = () => {
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.#wakeTaker = wake;
        signal.addEventListener("abort", wake, { once: true });
      });
    }
    return undefined;
  }

  /** No node took the pod. */
  park(queued: QueuedPod, rejectedBy: ReadonlySet<Blocker>): void {
    const entry = this.#entries.get(queued.pod.uid);
    if (!entry || entry.place) return;
    entry.rejectedBy = rejectedBy;
    entry.unblockedBy = changesThatHelp(rejectedBy);
    for (const change of entry.unblockedBy) this.#waitingFor(change).add(entry);
    this.#enter(entry, "unschedulable");
    entry.cancelTimer = this.#clock.setTimer(UNSCHEDULABLE_MS_MAX, () => this.#wake(entry));
  }

  /** The pod has to wait for something that is no change of the cluster: until it is resumed. It has not been tried. */
  hold(queued: QueuedPod): void {
    const entry = this.#entries.get(queued.pod.uid);
    if (!entry || entry.place) return;
    entry.attempts--;
    entry.isHeld = true;
    this.#enter(entry, "unschedulable");
  }

  /** A pod that was held may go on, at once. Others are left where they are. */
  resume(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry?.isHeld) this.#activate(entry);
  }

  /** What the pod has to meet is not what it was: it is tried again after its back-off, whatever it waits for. */
  reconsider(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry?.place === "unschedulable") this.#wake(entry);
  }

  /** The pod, wherever it waits, to be tried together with another; undefined: it does not wait. */
  takeAlso(uid: string): QueuedPod | undefined {
    const entry = this.#entries.get(uid);
    if (!entry?.place) return undefined;
    this.#take(entry);
    return entry;
  }

  /** A node was chosen, but it did not work out: try again after the back-off. */
  retry(queued: QueuedPod): void {
    const entry = this.#entries.get(queued.pod.uid);
    if (entry && !entry.place) this.#wake(entry);
  }

  /**
   * The cluster has changed, which helps the pods that wait for such a change and for which it is news: `isNews` tells whether
   * a pod that these rules turned away would now fit somewhere, or meet another rule. The latter is tried too, so that the
   * rules it waits for stay complete, and the message that people see true.
   */
  wake(changes: readonly ClusterChange[], isNews: (pod: PodInfo, rejectedBy: ReadonlySet<Blocker>) => boolean): void {
    if (this.#counts.unschedulable === 0) return;
    for (const change of changes) {
      for (const entry of this.#waitingFor(change)) {
        if (isNews(entry.pod, entry.rejectedBy)) this.#wake(entry);
      }
    }
  }

  /** Drops everything and cancels the timers. */
  clear(): void {
    for (const uid of [...this.#entries.keys()]) this.remove(uid);
  }

  #takeNow(): QueuedPod | undefined {
    for (let next = this.#active.pop(); next; next = this.#active.pop()) {
      const { entry, order } = next;
      if (entry.place !== "active" || entry.order !== order) continue;
      this.#take(entry);
      return entry;
    }
    return undefined;
  }

  #take(entry: Entry): void {
    this.#leave(entry);
    entry.attempts++;
    entry.triedMs = this.#clock.monotonic();
  }

  /** To the active queue, once the back-off since the last try has passed. */
  #wake(entry: Entry): void {
    this.#leave(entry);
    const backoffMs = entry.attempts > 0 ? backoffDelayMs(this.#backoff, entry.attempts) : 0;
    const delayMs = entry.triedMs + backoffMs - this.#clock.monotonic();
    if (delayMs <= 0) return this.#activate(entry);
    this.#enter(entry, "backoff");
    entry.cancelTimer = this.#clock.setTimer(delayMs, () => this.#activate(entry));
  }

  #activate(entry: Entry): void {
    this.#leave(entry);
    this.#enter(entry, "active");
    entry.order = ++this.#order;
    this.#active.push({ entry, order: entry.order });
    this.#wakeTaker?.();
    this.#wakeTaker = undefined;
  }

  #waitingFor(change: ClusterChange): Set<Entry> {
    const waiting = this.#waiting.get(change) ?? new Set<Entry>();
    this.#waiting.set(change, waiting);
    return waiting;
  }

  #enter(entry: Entry, place: Place): void {
    entry.place = place;
    this.#counts[place]++;
  }

  #leave(entry: Entry): void {
    entry.cancelTimer();
    entry.cancelTimer = cancelTimer;
    for (const change of entry.unblockedBy) this.#waitingFor(change).delete(entry);
    entry.unblockedBy = [];
    entry.isHeld = false;
    if (entry.place) this.#counts[entry.place]--;
    entry.place = undefined;
  }
}

const cancelTimer = () => {};

/** A pod that was turned away with no rule named, for want of nodes, is helped by a node. */
function changesThatHelp(rejectedBy: ReadonlySet<Blocker>): readonly ClusterChange[] {
  if (rejectedBy.size === 0) return ["NodeAdded"];
  return [...new Set([...rejectedBy].flatMap(({ unblockedBy = [] }) => unblockedBy))];
}
