// The pods that have been promised a node: others are being pushed out there for them. Whoever decides about a pod of no higher
// priority counts them as if they were there already.

import type { PodInfo } from "./pod-info.ts";

/** A pod that looks for a node. */
export type Seeker = Pick<PodInfo, "uid" | "priority">;

/** Bound: an entry for each pod that has a promise. */
export class Nominations {
  readonly #byNode = new Map<string, readonly PodInfo[]>();
  readonly #nodeOfPod = new Map<string, string>();
  readonly #onChange: (nodeName: string) => void;

  /** `onChange` is told each node whose promises have changed. */
  constructor(onChange: (nodeName: string) => void) {
    this.#onChange = onChange;
  }

  /** Nobody has been promised anything: the ordinary case. */
  get isEmpty(): boolean {
    return this.#nodeOfPod.size === 0;
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodeOfPod.get(uid);
  }

  /** Those with a promise of this node. */
  on(nodeName: string): readonly PodInfo[] {
    return this.#byNode.get(nodeName) ?? [];
  }

  /** Those that come before the pod, or as soon as it. */
  before(pod: Seeker, nodeName: string): readonly PodInfo[] {
    const all = this.on(nodeName);
    if (all.length === 0) return all;
    return all.filter(({ uid, priority }) => uid !== pod.uid && priority >= pod.priority);
  }

  /** Takes the place of what the pod was promised before. */
  set(pod: PodInfo, nodeName: string): void {
    this.remove(pod.uid);
    this.#nodeOfPod.set(pod.uid, nodeName);
    this.#byNode.set(nodeName, [...this.on(nodeName), pod]);
    this.#onChange(nodeName);
  }

  /** Returns the name of the node that the pod had been promised. */
  remove(uid: string): string | undefined {
    const nodeName = this.#nodeOfPod.get(uid);
    if (nodeName === undefined) return undefined;
    this.#nodeOfPod.delete(uid);
    const others = this.on(nodeName).filter((pod) => pod.uid !== uid);
    if (others.length > 0) this.#byNode.set(nodeName, others);
    else this.#byNode.delete(nodeName);
    this.#onChange(nodeName);
    return nodeName;
  }
}
