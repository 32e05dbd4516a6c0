// Between the version of a kind that a client speaks and the one that is stored. Everything inside the server deals with the
// stored version; only what is read from a request and what is answered goes through here.

import type { KubeObject } from "../api/meta/object.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import { renderJson } from "../lib/json.ts";
import { deepFreeze } from "../lib/deep-freeze.ts";
import type { Answer, WatchChange } from "./answer.ts";
import type { ApiRequest } from "./api-request.ts";
import type { Entry } from "./storage/cache-entry.ts";

export const toStored = ({ conversion }: ResourceDefinition, object: KubeObject): KubeObject =>
  conversion ? conversion.toStored(object) : object;

export const fromStored = ({ conversion }: ResourceDefinition, object: KubeObject): KubeObject =>
  conversion ? deepFreeze(conversion.fromStored(object)) : object;

/** The answer in the version that the client speaks. Kinds of subresources stay as they are. */
export function convertAnswer(answer: Answer, { version, served }: ApiRequest): Answer {
  const { conversion } = version;
  if (!conversion) return answer;
  const isStored = (object: KubeObject) => object.kind === served.resource.kind;
  switch (answer.kind) {
    case "object":
      return isStored(answer.object) ? { ...answer, object: fromStored(version, answer.object) } : answer;
    case "entry":
      return { ...answer, entry: convertEntry(version, answer.entry) };
    case "list":
      return { ...answer, entries: answer.entries.map((entry) => convertEntry(version, entry)) };
    case "watch":
      return { ...answer, changes: convertChanges(version, answer.changes) };
    case "data":
    case "response":
      return answer;
  }
}

async function* convertChanges(
  version: ResourceDefinition,
  changes: AsyncIterable<readonly WatchChange[]>,
): AsyncGenerator<readonly WatchChange[], void, undefined> {
  for await (const batch of changes) {
    yield batch.map((change): WatchChange => {
      if (!change.entry) return change;
      const entry = convertEntry(version, change.entry);
      return { type: change.type, object: entry.object, entry };
    });
  }
}

/** Converted when it is first looked at, and once. */
function convertEntry(version: ResourceDefinition, { key, revision, object: stored }: Entry): Entry {
  let object: KubeObject | undefined;
  let bytes: Uint8Array | undefined;
  return {
    key,
    revision,
    get object() {
      return (object ??= fromStored(version, stored));
    },
    bytes() {
      return (bytes ??= Buffer.from(renderJson(this.object)));
    },
  };
}

/** What field selectors of this version mean, asked of stored objects. */
export function selectableKind(version: ResourceDefinition): ResourceDefinition {
  const { conversion, selectableFields } = version;
  if (!conversion || !selectableFields) return conversion?.stored ?? version;
  return { ...version, selectableFields: (object) => selectableFields(fromStored(version, object)) };
}
