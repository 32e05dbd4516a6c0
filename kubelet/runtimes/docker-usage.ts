// What Docker's containers use: from the kernel where their control groups are this machine's, else as Docker tells.

import type { Clock } from "../../lib/clock.ts";
import { readCgroupUsage, type CgroupUsage } from "./cgroup-usage.ts";
import { ignoring, type DockerEngine } from "./docker-engine.ts";
import { Limiter } from "./limiter.ts";
import { sizeOfLog } from "./log-size.ts";
import { readNetworkUsage } from "./network-usage.ts";
import type { ContainerId, SandboxId } from "./runtime.ts";
import type { NetworkUsage, Usage, UsageMeter } from "./usage.ts";

const CGROUP_ROOT = "/sys/fs/cgroup";
const QUESTIONS_MAX = 8;

export class DockerUsage implements UsageMeter {
  readonly #engine: DockerEngine;
  readonly #clock: Clock;
  readonly #cgroupRoot: string;
  readonly #limiter = new Limiter(QUESTIONS_MAX);

  constructor(engine: DockerEngine, clock: Clock, cgroupRoot = CGROUP_ROOT) {
    this.#engine = engine;
    this.#clock = clock;
    this.#cgroupRoot = cgroupRoot;
  }

  async measure(ids: readonly ContainerId[], signal: AbortSignal): Promise<ReadonlyMap<ContainerId, Usage>> {
    signal.throwIfAborted();
    const measured = ids.map(async (id): Promise<[ContainerId, Usage] | undefined> => {
      const usage = (await readCgroupUsage(this.#cgroupRoot, id)) ?? (await this.#ask(id, signal));
      return usage && [id, { ...usage, measuredAtMs: this.#clock.now() }];
    });
    return new Map((await Promise.all(measured)).filter((each) => each !== undefined));
  }

  async measureDisk(ids: readonly ContainerId[], signal: AbortSignal): Promise<ReadonlyMap<ContainerId, number>> {
    const measured = ids.map((id) =>
      this.#limiter.run(signal, async (): Promise<[ContainerId, number] | undefined> => {
        const path = `/containers/${id}/json`;
        const answer = await ignoring([404], this.#engine.call({ method: "GET", path, query: { size: true }, signal }));
        if (answer === undefined) return undefined;
        const { SizeRw = 0, LogPath = "" } = answer as { readonly SizeRw?: number; readonly LogPath?: string };
        return [id, SizeRw + (await sizeOfLog(LogPath))];
      }),
    );
    return new Map((await Promise.all(measured)).filter((each) => each !== undefined));
  }

  async measureNetwork(
    ids: readonly SandboxId[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<SandboxId, readonly NetworkUsage[]>> {
    signal.throwIfAborted();
    const measured = ids.map(async (id): Promise<[SandboxId, readonly NetworkUsage[]] | undefined> => {
      const usage = await readNetworkUsage(this.#cgroupRoot, id);
      return usage && [id, usage];
    });
    return new Map((await Promise.all(measured)).filter((each) => each !== undefined));
  }

  #ask(id: ContainerId, signal: AbortSignal): Promise<CgroupUsage | undefined> {
    return this.#limiter.run(signal, async () => {
      const path = `/containers/${id}/stats`;
      const query = { stream: false, "one-shot": true };
      return parseStats(await ignoring([404, 409], this.#engine.call({ method: "GET", path, query, signal })));
    });
  }
}

interface Stats {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } };
  readonly memory_stats?: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> };
}

/** Undefined for a container that does not run: Docker tells nothing of its memory. */
export function parseStats(answer: unknown): CgroupUsage | undefined {
  const { cpu_stats: cpu, memory_stats: memory } = (answer ?? {}) as Stats;
  const cpuNanoseconds = cpu?.cpu_usage?.total_usage;
  if (cpuNanoseconds === undefined || memory?.usage === undefined) return undefined;
  const cached = memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0;
  return { cpuNanoseconds, memoryBytes: Math.max(0, memory.usage - cached) };
}
