// How many pods with a node use each claim. Some claims are for one pod only, wherever the others are.

import type { PodInfo } from "../pod-info.ts";

/** Bound: the claims of the pods that have a node. */
export class ClaimUse {
  readonly #pods = new Map<string, number>();

  add(pod: PodInfo): void {
    this.#change(pod, 1);
  }

  remove(pod: PodInfo): void {
    this.#change(pod, -1);
  }

  isUsed(namespace: string, name: string): boolean {
    return this.#pods.has(`${namespace}/${name}`);
  }

  #change({ namespace, claims }: PodInfo, amount: 1 | -1): void {
    for (const { name } of claims) {
      const key = `${namespace}/${name}`;
      const count = (this.#pods.get(key) ?? 0) + amount;
      if (count === 0) this.#pods.delete(key);
      else this.#pods.set(key, count);
    }
  }
}
