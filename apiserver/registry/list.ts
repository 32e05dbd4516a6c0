// Reads a collection: from the cache where its current state is wanted, page by page at a fixed revision from the store. What
// takes long gives way to other requests.

import { StatusError } from "../../api/meta/status.ts";
import type { Answer, ListMetadata } from "../answer.ts";
import type { ApiRequest } from "../api-request.ts";
import { Stretch } from "../../lib/stretch.ts";
import type { Server } from "../server.ts";
import { collectionPrefix, type ServedResource } from "../served-resource.ts";
import { decodeStored } from "../stored-object.ts";
import { CachedEntry, type Entry } from "../storage/cache-entry.ts";
import { Compacted, type Page, type Revision, type Store, type StoredList } from "../storage/store.ts";
import { parseContinueToken, renderContinueToken, type ContinueToken } from "./continue-token.ts";
import { listKept } from "./kept-lists.ts";
import type { ListOptions } from "./list-options.ts";
import type { Selection } from "./selection.ts";
import { tooLarge, waitForVersion } from "./wait-for-version.ts";

export interface ListRequest {
  readonly request: ApiRequest;
  readonly options: ListOptions;
  readonly selection: Selection;
}

type ListDeps = Pick<Server, "store" | "clock">;
type ListAnswer = Extract<Answer, { kind: "list" }>;

export async function listObjects(server: ListDeps, list: ListRequest): Promise<ListAnswer> {
  const { continueToken, resourceVersion, match, limit } = list.options;
  if (continueToken) {
    if (resourceVersion) {
      throw new StatusError("BadRequest", "specifying resource version is not allowed when using continue");
    }
    return listFromStore(server, list, parseContinueToken(continueToken));
  }
  // Kubernetes' legacy rule: a version and a limit without a match mean exactly that version.
  const isExact = match === "Exact" || (match === undefined && limit);
  if (isExact && resourceVersion) return listFromStore(server, list, { revision: resourceVersion, after: "" });
  return listFromCache(server, list);
}

/** The current state, as new as the options ask for. */
export async function listFromCache({ clock }: Pick<Server, "clock">, list: ListRequest): Promise<ListAnswer> {
  const { request, options, selection } = list;
  const { served, namespace, http } = request;
  await waitForVersion(served.cache, options.resourceVersion, http);
  const revision = served.cache.revision;
  // Whatever is at hand is given as a whole, as Kubernetes does.
  const limit = (options.resourceVersion !== 0 && options.limit) || Infinity;
  // One more than fits tells that there are more.
  const selecting = { selection, limit: limit + 1, stretch: new Stretch(clock) };
  const among = candidates(list, limit + 1);
  const entries = selection.isAll ? among : await select(among, selecting);
  if (entries.length <= limit) return answer(entries, { resourceVersion: String(revision) });
  const page = entries.slice(0, limit);
  const last = page.at(-1);
  return answer(page, {
    resourceVersion: String(revision),
    continue: continueAfter(collectionPrefix(served, namespace), last, revision),
    ...(selection.isAll && {
      remainingItemCount: served.cache.count(collectionPrefix(served, namespace), last?.key),
    }),
  });
}

/** More than so many are not looked through in the turn in which they are asked for: many may ask at once. */
const ENTRIES_AT_ONCE = 500;
/** So many are looked at between two looks at the time: a selector may have a thousand terms. */
const ENTRIES_PER_STEP = 50;

interface Selecting {
  readonly selection: Selection;
  readonly limit: number;
  readonly stretch: Stretch;
}

async function select(entries: readonly Entry[], { selection, limit, stretch }: Selecting): Promise<Entry[]> {
  const selected: Entry[] = [];
  if (entries.length > ENTRIES_AT_ONCE) await stretch.pause();
  for (let start = 0; start < entries.length; start += ENTRIES_PER_STEP) {
    if (stretch.isOver) await stretch.pause();
    for (const entry of entries.slice(start, start + ENTRIES_PER_STEP)) {
      if (selection.matches(entry.object) && selected.push(entry) >= limit) return selected;
    }
  }
  return selected;
}

/** What there is to choose from, as it is now: so many at least, where all are chosen. */
function candidates({ request, selection }: ListRequest, limit: number): readonly Entry[] {
  const { served, namespace } = request;
  const { name, isAll } = selection;
  const prefix = collectionPrefix(served, namespace);
  if (name !== undefined && (namespace !== undefined || served.resource.scope === "Cluster")) {
    const entry = served.cache.get(prefix + name);
    return entry ? [entry] : [];
  }
  // A page is quicker found than the whole, which is found once and kept.
  return isAll && limit < Infinity ? first(served.cache.walk(prefix), limit) : listKept(served, namespace);
}

function first(entries: Iterable<Entry>, limit: number): readonly Entry[] {
  const taken: Entry[] = [];
  for (const entry of entries) if (taken.push(entry) >= limit) break;
  return taken;
}

const answer = (entries: readonly Entry[], metadata: ListMetadata): ListAnswer => ({ kind: "list", entries, metadata });

const continueAfter = (prefix: string, last: Entry | undefined, revision: Revision) =>
  renderContinueToken({ revision, after: last?.key.slice(prefix.length) ?? "" });

/** How many are read at once. */
const PAGE = 500;

async function listFromStore({ store, clock }: ListDeps, list: ListRequest, token: ContinueToken): Promise<ListAnswer> {
  const { served, namespace } = list.request;
  const prefix = collectionPrefix(served, namespace);
  const { selection, options } = list;
  const limit = options.limit || Infinity;
  const entries: Entry[] = [];
  let afterKey = token.after ? prefix + token.after : undefined;
  let revision = token.revision;
  const stretch = new Stretch(clock);
  for (;;) {
    if (stretch.isOver) await stretch.pause();
    const page: Page = { revision, afterKey, limit: selection.isAll ? Math.min(PAGE, limit - entries.length) : PAGE };
    const read = await readPage(store, prefix, page).catch((error: unknown) => {
      throw explainCompacted(error, prefix, page);
    });
    revision = read.revision;
    const consumed = collect(read, { served, selection, entries, limit });
    const isMore = read.remaining > 0 || consumed < read.items.length;
    if (!isMore) return answer(entries, { resourceVersion: String(revision) });
    if (entries.length >= limit) {
      const remaining = read.remaining + read.items.length - consumed;
      return answer(entries, {
        resourceVersion: String(revision),
        continue: continueAfter(prefix, entries.at(-1), revision),
        ...(selection.isAll && { remainingItemCount: remaining }),
      });
    }
    afterKey = read.items.at(-1)?.key;
  }
}

interface Collected {
  readonly served: ServedResource;
  readonly selection: Selection;
  readonly entries: Entry[];
  readonly limit: number;
}

/** Adds what is selected, up to the limit; tells how many items were looked at. */
function collect({ items }: StoredList, { served, selection, entries, limit }: Collected): number {
  let consumed = 0;
  for (const stored of items) {
    if (entries.length >= limit) break;
    consumed += 1;
    const cached = served.cache.get(stored.key);
    const entry =
      cached?.revision === stored.revision
        ? cached
        : new CachedEntry(stored.key, decodeStored(served.resource.schema, stored), stored.revision);
    if (selection.matches(entry.object)) entries.push(entry);
  }
  return consumed;
}

async function readPage(store: Store, prefix: string, page: Page): Promise<StoredList> {
  const newest = page.revision === undefined ? 0 : await store.revision();
  if (page.revision !== undefined && page.revision > newest) throw tooLarge(page.revision, newest);
  return store.list(prefix, page);
}

const TOO_OLD =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

/** With a token to read on from the same place in the newest state, for clients that can live with a patchwork. */
function explainCompacted(error: unknown, prefix: string, { afterKey }: Page): unknown {
  if (!(error instanceof Compacted)) return error;
  if (afterKey === undefined) {
    return new StatusError("Expired", "The resourceVersion for the provided list is too old.");
  }
  const metadata = { continue: renderContinueToken({ after: afterKey.slice(prefix.length) }) };
  return new StatusError("Expired", TOO_OLD, { metadata });
}
