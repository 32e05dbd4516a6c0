// What a verb has to say, before it is put into the form that the client asked for.

import type { EncodableEvent, HttpResponse } from "../lib/http.ts";
import type { KubeObject } from "../api/meta/object.ts";
import type { CacheEvent, Entry } from "./storage/cache-entry.ts";

export type Answer =
  /** 200 unless given. */
  | { readonly kind: "entry"; readonly status?: number; readonly entry: Entry }
  | { readonly kind: "object"; readonly status: number; readonly object: KubeObject }
  | { readonly kind: "list"; readonly entries: readonly Entry[]; readonly metadata: ListMetadata }
  | { readonly kind: "watch"; readonly changes: AsyncIterable<readonly WatchChange[]> }
  /** Any other JSON data, such as a Status. Never turned into a table. */
  | { readonly kind: "data"; readonly status: number; readonly data: unknown }
  /** Made by the verb itself: streams and upgrades. */
  | { readonly kind: "response"; readonly response: HttpResponse };

export type DataAnswer = Extract<Answer, { kind: "data" }>;

export interface ListMetadata {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** One event of a watch. `source` is the cache's event where the object is the one that it holds, so that encodings can be shared. */
export interface WatchChange {
  readonly type: EncodableEvent["type"];
  readonly object: unknown;
  readonly entry?: Entry;
  readonly source?: CacheEvent;
}
