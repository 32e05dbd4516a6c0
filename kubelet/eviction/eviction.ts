// Why a kubelet ends a pod of its own accord. Decided in this folder, carried out by the pod's worker.

export interface Eviction {
  /** In the pod's status and of its event; `Evicted` unless given. */
  readonly reason?: string;
  /** For the pod's status and its event. */
  readonly message: string;
  /** For the event, where that says it otherwise. */
  readonly event?: string;
  /** What the pod gets at most, whatever its spec says. */
  readonly graceSeconds: number;
  /** The pod is ended for the sake of others, and not for what it did: it says so in its condition DisruptionTarget. */
  readonly isDisruption: boolean;
}

/** A pod that has to go at once still gets a moment. */
export const IMMEDIATE_GRACE_SECONDS = 1;
