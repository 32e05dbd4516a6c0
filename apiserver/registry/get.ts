// Reads one object, from the cache once it shows everything that was committed before the request came.

import { notFound } from "../../api/meta/status.ts";
import type { Answer } from "../answer.ts";
import { targetOf, type ApiRequest } from "../api-request.ts";
import { storageKey } from "../served-resource.ts";
import type { Entry } from "../storage/cache-entry.ts";
import { getComputed } from "./computed.ts";
import { waitForVersion } from "./wait-for-version.ts";
import { readVersion } from "./list-options.ts";

export async function getObject(request: ApiRequest): Promise<Answer> {
  const { rules } = request.served;
  if (rules.compute) return getComputed(request, rules.compute);
  return { kind: "entry", entry: await readEntry(request) };
}

/** resourceVersion 0 takes what is at hand; another one waits until the cache has reached it. Throws NotFound. */
export async function readEntry(request: ApiRequest): Promise<Entry> {
  const { served, http } = request;
  await waitForVersion(served.cache, readVersion(http.query), http);
  const target = targetOf(request);
  const entry = served.cache.get(storageKey(served, target));
  if (!entry) throw notFound(served.resource, target.name);
  return entry;
}
