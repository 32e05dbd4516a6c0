// The logs that a CRI runtime writes where it is told to. Reading them, and beginning them anew before they fill the disk,
// is left to whoever runs the runtime.

import { rename, stat } from "node:fs/promises";
import { pause, type Clock } from "../../../lib/clock.ts";
import { ignoreMissingFile } from "../../../lib/ignore-missing-file.ts";
import type { Log } from "../../../lib/log.ts";
import type { ChangeFeed } from "../change-feed.ts";
import { readLogLines, renderLog } from "../log-reader.ts";
import { RuntimeError } from "../runtime-error.ts";
import type { ContainerId, LogOptions } from "../runtime.ts";
import { ignoringAbsent, type CriService } from "./cri-service.ts";
import type { CriInventory } from "./inventory.ts";

/** Of a container's log: the newest one to two of these are kept, and what is written between two looks. */
const BYTES_MAX = 10 * 1024 * 1024;
const LOOK_EACH_MS = 10_000;

export interface LogParts {
  readonly cri: CriService;
  readonly inventory: CriInventory;
  readonly feed: ChangeFeed;
  readonly clock: Clock;
  readonly log: Log;
}

/** As ContainerRuntime.logs. */
export async function* readLogs(
  { inventory, feed }: LogParts,
  id: ContainerId,
  options: LogOptions,
): AsyncGenerator<Uint8Array> {
  const { signal } = options;
  const status = await inventory.inspect(id, signal);
  if (!status) throw new RuntimeError("NotFound", `container ${id} does not exist`);
  const source = {
    path: status.logPath,
    isRunning: async () => (await inventory.inspect(id, signal))?.state === "CONTAINER_RUNNING",
    onChange: (tell: () => void) => feed.listen(tell),
  };
  yield* renderLog(readLogLines(source, options), options);
}

/** Begins logs anew that have grown too large, until aborted. Looks at nothing while nothing runs. */
export async function rotateLogs(parts: LogParts, signal: AbortSignal): Promise<void> {
  for (;;) {
    // Aborting ends the loop at its condition.
    await pause(parts.clock, LOOK_EACH_MS, signal);
    if (signal.aborted) return;
    if (parts.inventory.running === 0) continue;
    try {
      await rotateLargeLogs(parts, BYTES_MAX, signal);
    } catch (error) {
      if (!signal.aborted) parts.log.warn("logs of containers cannot be rotated", { error });
    }
  }
}

/** Begins each running container's log anew that is larger; what was there is kept beside it, until the next time. */
export async function rotateLargeLogs(
  { cri, inventory }: Pick<LogParts, "cri" | "inventory">,
  bytesMax: number,
  signal: AbortSignal,
): Promise<void> {
  for (const { id, state } of await inventory.find({}, signal)) {
    if (state !== "CONTAINER_RUNNING") continue;
    const path = await inventory.logPathOf(id, signal);
    const size = path === undefined ? 0 : ((await stat(path).catch(ignoreMissingFile))?.size ?? 0);
    if (path === undefined || size <= bytesMax) continue;
    await rename(path, `${path}.1`);
    await ignoringAbsent(cri.runtime("ReopenContainerLog", { containerId: id }, signal));
  }
}
