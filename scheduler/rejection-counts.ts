// Counts nodes by why they turned a pod away, as Kubernetes' messages say it. A node with several reasons counts for each.

import type { Rejection, SchedulerPlugin } from "./framework.ts";

export interface PluginRejection {
  readonly plugin: SchedulerPlugin;
  readonly reasons: Rejection;
}

export class RejectionCounts {
  readonly #reasons: Map<string, number>;
  readonly #plugins: Map<SchedulerPlugin, number>;
  /** Stays the same object as long as the same rules say no. */
  #rejectedBy: ReadonlySet<SchedulerPlugin> | undefined;

  constructor(copied?: RejectionCounts) {
    this.#reasons = new Map(copied ? copied.#reasons : []);
    this.#plugins = new Map(copied ? copied.#plugins : []);
  }

  /** The rules that said no. */
  get rejectedBy(): ReadonlySet<SchedulerPlugin> {
    this.#rejectedBy ??= new Set(this.#plugins.keys());
    return this.#rejectedBy;
  }

  add({ plugin, reasons }: PluginRejection): void {
    if (count(this.#plugins, plugin, 1)) this.#rejectedBy = undefined;
    for (const reason of reasons) count(this.#reasons, reason, 1);
  }

  remove({ plugin, reasons }: PluginRejection): void {
    if (count(this.#plugins, plugin, -1)) this.#rejectedBy = undefined;
    for (const reason of reasons) count(this.#reasons, reason, -1);
  }

  render(nodes: number): string {
    return renderReasons(this.#reasons, nodes);
  }
}

/** Kubernetes' FitError. */
export function renderReasons(reasons: ReadonlyMap<string, number>, nodes: number): string {
  const counted = [...reasons].map(([reason, number]) => `${number} ${reason}`).sort();
  return `0/${nodes} nodes are available: ${counted.join(", ")}.`;
}

/** True if the key has come or gone. */
function count<K>(counts: Map<K, number>, key: K, amount: 1 | -1): boolean {
  const before = counts.get(key) ?? 0;
  if (before + amount === 0) return counts.delete(key);
  counts.set(key, before + amount);
  return before === 0;
}
