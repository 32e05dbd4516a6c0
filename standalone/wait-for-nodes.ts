// Waits until a cluster's nodes are Ready, by watching them.

import { nodes, type Node } from "../api/core/node.ts";
import { isConditionTrue } from "../api/meta/condition-list.ts";
import type { Client } from "../client/client.ts";

/** Resolves when all these nodes are Ready. Rejects when the API server cannot be reached, or the signal is aborted. */
export async function waitForNodes(client: Client, names: readonly string[], signal: AbortSignal): Promise<void> {
  const waiting = new Set(names);
  const look = (node: Node) => {
    if (isConditionTrue(node.status.conditions, "Ready")) waiting.delete(node.metadata.name);
  };
  while (waiting.size > 0) {
    signal.throwIfAborted();
    const { items, resourceVersion } = await client.list(nodes, { signal });
    items.forEach(look);
    if (waiting.size === 0) return;
    // A watch that ends by itself is begun again.
    for await (const event of client.watch(nodes, { resourceVersion, signal })) {
      if (event.type === "ADDED" || event.type === "MODIFIED") look(event.object);
      if (waiting.size === 0) return;
    }
  }
}
