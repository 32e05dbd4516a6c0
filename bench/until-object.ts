// Waiting for a state of the cluster by watching it: what is waited for is seen when it happens, not at the next look.

import type { Client, ListOptions } from "../client/client.ts";
import { formatKey, keyOf, type KubeObject } from "../api/meta/object.ts";
import type { ResourceDefinition } from "../api/resource.ts";

const GIVE_UP_MS = 120_000;

/** Resolves with the objects as soon as `holds` for all that there are. Rejects after two minutes, unless told otherwise. */
export async function untilObjects<T extends KubeObject>(
  client: Client,
  {
    resource,
    giveUpMs = GIVE_UP_MS,
    ...selection
  }: {
    readonly resource: ResourceDefinition<T>;
    readonly giveUpMs?: number;
  } & Pick<ListOptions, "namespace" | "labelSelector">,
  holds: (objects: readonly T[]) => boolean,
): Promise<readonly T[]> {
  const stop = new AbortController();
  const giveUp = setTimeout(() => stop.abort(new Error(`gave up waiting for ${resource.plural}`)), giveUpMs);
  try {
    const { items, resourceVersion } = await client.list(resource, { ...selection, signal: stop.signal });
    const objects = new Map(items.map((item) => [formatKey(keyOf(item)), item]));
    if (holds([...objects.values()])) return [...objects.values()];
    for await (const event of client.watch(resource, { ...selection, resourceVersion, signal: stop.signal })) {
      if (event.type === "BOOKMARK") continue;
      if (event.type === "DELETED") objects.delete(formatKey(keyOf(event.object)));
      else objects.set(formatKey(keyOf(event.object)), event.object);
      if (holds([...objects.values()])) return [...objects.values()];
    }
    stop.signal.throwIfAborted();
    throw new Error(`the watch of ${resource.plural} ended before what it waits for happened`);
  } finally {
    clearTimeout(giveUp);
    stop.abort();
  }
}
