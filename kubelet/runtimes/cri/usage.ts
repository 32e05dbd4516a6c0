// What a CRI runtime's containers use: from the kernel where their control groups are this machine's, else as the runtime
// tells.

import type { Clock } from "../../../lib/clock.ts";
import { readCgroupUsage, type CgroupUsage } from "../cgroup-usage.ts";
import { Limiter } from "../limiter.ts";
import { sizeOfLog } from "../log-size.ts";
import type { ContainerId } from "../runtime.ts";
import type { Usage, UsageMeter } from "../usage.ts";
import { isCode, type CriService } from "./cri-service.ts";
import type { CriInventory } from "./inventory.ts";
import type { Received } from "./schema.ts";

const CGROUP_ROOT = "/sys/fs/cgroup";
const QUESTIONS_MAX = 8;

type Stats = Received<"ContainerStats">;

export class CriUsage implements UsageMeter {
  readonly #cri: CriService;
  readonly #inventory: CriInventory;
  readonly #clock: Clock;
  readonly #limiter = new Limiter(QUESTIONS_MAX);

  constructor(cri: CriService, inventory: CriInventory, clock: Clock) {
    this.#cri = cri;
    this.#inventory = inventory;
    this.#clock = clock;
  }

  async measure(ids: readonly ContainerId[], signal: AbortSignal): Promise<ReadonlyMap<ContainerId, Usage>> {
    signal.throwIfAborted();
    const measured = ids.map(async (id): Promise<[ContainerId, Usage] | undefined> => {
      const usage = (await readCgroupUsage(CGROUP_ROOT, id)) ?? readStats(await this.#ask(id, signal));
      return usage && [id, { ...usage, measuredAtMs: this.#clock.now() }];
    });
    return new Map((await Promise.all(measured)).filter((each) => each !== undefined));
  }

  async measureDisk(ids: readonly ContainerId[], signal: AbortSignal): Promise<ReadonlyMap<ContainerId, number>> {
    const measured = ids.map(async (id): Promise<[ContainerId, number] | undefined> => {
      const status = await this.#inventory.inspect(id, signal);
      if (!status) return undefined;
      const layer = (await this.#ask(id, signal))?.writableLayer?.usedBytes?.value ?? 0;
      return [id, layer + (await sizeOfLog(status.logPath))];
    });
    return new Map((await Promise.all(measured)).filter((each) => each !== undefined));
  }

  /** Undefined for a container that does not run: the runtime finds no program of it. */
  #ask(containerId: ContainerId, signal: AbortSignal): Promise<Stats | undefined> {
    return this.#limiter.run(signal, async () => {
      try {
        return (await this.#cri.runtime("ContainerStats", { containerId }, signal)).stats ?? undefined;
      } catch (error) {
        if (isCode(error, "NotFound", "Unknown", "FailedPrecondition")) return undefined;
        throw error;
      }
    });
  }
}

function readStats(stats: Stats | undefined): CgroupUsage | undefined {
  const cpuNanoseconds = stats?.cpu?.usageCoreNanoSeconds?.value;
  const memoryBytes = stats?.memory?.workingSetBytes?.value;
  if (cpuNanoseconds === undefined || memoryBytes === undefined) return undefined;
  return { cpuNanoseconds, memoryBytes };
}
