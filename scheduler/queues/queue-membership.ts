// Which queue a pod is in: the one that its label names, or its pod group, or the label of its namespace.

import type { Namespace } from "../../api/core/namespace.ts";
import type { Pod } from "../../api/core/pod.ts";
import { QUEUE_LABEL } from "../../api/kctl-scheduling/queue.ts";
import { gangKeyOf, type Gangs } from "../gangs/gangs.ts";

/** Bound: an entry for each namespace with a queue. */
export class QueueMembership {
  readonly #gangs: Gangs;
  readonly #byNamespace = new Map<string, string>();

  constructor(gangs: Gangs) {
    this.#gangs = gangs;
  }

  /** Undefined: the pod is outside queues. */
  queueOf(pod: Pick<Pod, "metadata">): string | undefined {
    const own = pod.metadata.labels?.[QUEUE_LABEL];
    if (own) return own;
    const key = gangKeyOf(pod);
    const group = key === undefined ? undefined : this.#gangs.find(key)?.group?.spec.queue;
    return group ?? this.#byNamespace.get(pod.metadata.namespace ?? "");
  }

  /** No labels: the namespace is gone. Returns whether other pods than before may be in queues. */
  setNamespace(name: string, labels: Namespace["metadata"]["labels"]): boolean {
    const queue = labels?.[QUEUE_LABEL] || undefined;
    if (this.#byNamespace.get(name) === queue) return false;
    if (queue) this.#byNamespace.set(name, queue);
    else this.#byNamespace.delete(name);
    return true;
  }
}
