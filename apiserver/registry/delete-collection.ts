// Deletes what a list would show, object by object: each goes by its own rules, and one that is gone already is no failure.

import { isNotFound } from "../../api/meta/status.ts";
import { Stretch } from "../../lib/stretch.ts";
import type { Answer } from "../answer.ts";
import type { ApiRequest } from "../api-request.ts";
import type { Server } from "../server.ts";
import type { Entry } from "../storage/cache-entry.ts";
import { readDeleteOptions } from "./delete-options.ts";
import { remove } from "./delete.ts";
import { listObjects } from "./list.ts";
import { readListOptions } from "./list-options.ts";
import { readSelection } from "./selection.ts";
import { selectableKind } from "../versions.ts";

/** How many deletions wait for the store at the same time. */
const IN_FLIGHT_MAX = 16;

export async function deleteCollection(server: Server, request: ApiRequest): Promise<Answer> {
  const { http } = request;
  const deleteOptions = await readDeleteOptions(http);
  const selection = readSelection(selectableKind(request.version), http.query);
  const { entries, metadata } = await listObjects(server, {
    request,
    options: { ...readListOptions(http.query), isWatch: false },
    selection,
  });
  const deleted: Entry[] = [];
  // Shared by all workers: each takes the next one.
  const waiting = entries.values();
  const stretch = new Stretch(server.clock);
  const work = async () => {
    for (const entry of waiting) {
      // Trying it out, and a store in memory, wait for nothing.
      if (stretch.isOver) await stretch.pause();
      const { name, namespace } = entry.object.metadata;
      try {
        deleted.push((await remove(server, { ...request, name, namespace }, deleteOptions)).entry);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT_MAX }, work));
  return { kind: "list", entries: deleted, metadata: { resourceVersion: metadata.resourceVersion } };
}
