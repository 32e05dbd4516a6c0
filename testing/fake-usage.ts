// What a node's kubelet tells of its use, in tests: as much as the test says, from then on.

import type { Clock } from "../lib/clock.ts";
import type { Handler } from "../lib/http.ts";

export class FakeUsage {
  /** Whether the kubelet answers. */
  isSilent = false;
  #clock: Clock | undefined;
  #cores = 0;
  #cpuSeconds = 0;
  #countedMs = 0;

  /** Whose time it is; the counter begins anew. */
  follow(clock: Clock): void {
    this.#clock = clock;
    this.#countedMs = clock.now();
  }

  /** From now on so many cores are in use. */
  use(cores: number): void {
    this.#count();
    this.#cores = cores;
  }

  readonly nodeHandler = (): Handler => () => {
    if (this.isSilent) return Promise.resolve({ status: 502, headers: {}, body: { kind: "empty" } });
    this.#count();
    const text = `node_cpu_usage_seconds_total ${this.#cpuSeconds}\nnode_memory_working_set_bytes ${2 ** 30}\n`;
    return Promise.resolve({ status: 200, headers: {}, body: { kind: "bytes", bytes: Buffer.from(text) } });
  };

  #count(): void {
    const nowMs = this.#clock?.now() ?? 0;
    this.#cpuSeconds += ((nowMs - this.#countedMs) / 1000) * this.#cores;
    this.#countedMs = nowMs;
  }
}
