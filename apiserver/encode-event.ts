// The JSON lines of watches. A change is encoded once for all who watch it: the line is kept with the cache's event, and the
// object's bytes inside it with the cache's entry.

import type { EncodableEvent } from "../lib/http.ts";
import { renderJson } from "../lib/json.ts";
import type { WatchChange } from "./answer.ts";
import type { CacheEvent } from "./storage/cache-entry.ts";

/** One event of the cache is told as its own type, or as ADDED to those whom it brings the object into view. */
const shared = new WeakMap<CacheEvent, Map<string, EncodableEvent>>();

export function encodeEvent(change: WatchChange): EncodableEvent {
  if (!change.source) return new ChangeLine(change);
  let known = shared.get(change.source);
  if (!known) shared.set(change.source, (known = new Map<string, EncodableEvent>()));
  let event = known.get(change.type);
  if (!event) known.set(change.type, (event = new ChangeLine(change)));
  return event;
}

const END = Buffer.from("}\n");

class ChangeLine implements EncodableEvent {
  readonly type: EncodableEvent["type"];
  readonly object: unknown;
  readonly #entry: WatchChange["entry"];
  #line: Uint8Array | undefined;

  constructor({ type, object, entry }: WatchChange) {
    this.type = type;
    this.object = object;
    this.#entry = entry;
  }

  line(): Uint8Array {
    this.#line ??= Buffer.concat([Buffer.from(`{"type":"${this.type}","object":`), this.#encodeObject(), END]);
    return this.#line;
  }

  #encodeObject(): Uint8Array {
    return this.#entry?.bytes() ?? Buffer.from(renderJson(this.object));
  }
}
