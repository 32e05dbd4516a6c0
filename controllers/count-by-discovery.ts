// Counts the objects of kinds that are known by their name only, such as those that a CustomResourceDefinition has added.

import { resourcePath } from "../api/resource.ts";
import { isNotFound } from "../api/meta/status.ts";
import type { Client } from "../client/client.ts";
import { readAnswer } from "../client/response-body.ts";

/** `count/<plural>.<group>`: kinds of the core group are all known. */
const COUNT = /^count\/([^./]+)\.([^/]+)$/;

interface Group {
  readonly preferredVersion?: { readonly version?: string };
}

interface Page {
  readonly items?: readonly unknown[];
  readonly metadata?: { readonly remainingItemCount?: number };
}

interface Place {
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/** How many there are now; undefined where the name is not that of a kind which the server serves. */
export async function countByDiscovery(client: Client, name: string, place: Place): Promise<number | undefined> {
  const [, plural, group] = COUNT.exec(name) ?? [];
  if (plural === undefined || group === undefined) return undefined;
  const { signal, namespace } = place;
  const get = async (path: string, query = new URLSearchParams()) =>
    readAnswer(await client.raw({ method: "GET", path, query, signal }));
  try {
    const { preferredVersion } = (await get(`/apis/${group}`)) as Group;
    const version = preferredVersion?.version;
    if (version === undefined) return undefined;
    // One object, and how many more there are.
    const path = resourcePath({ group, version, plural }, { namespace });
    const { items = [], metadata } = (await get(path, new URLSearchParams({ limit: "1" }))) as Page;
    return items.length + (metadata?.remainingItemCount ?? 0);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
