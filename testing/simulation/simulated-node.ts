// A machine of the simulation: what outlives a crash of its kubelet, and how the kubelet on it is run.

import { createClient } from "../../client/api-client.ts";
import { runKubelet } from "../../kubelet/run-kubelet.ts";
import { FakeRuntime } from "../../kubelet/runtimes/fake.ts";
import { RuntimeError } from "../../kubelet/runtimes/runtime-error.ts";
import type { Exec } from "../../lib/exec.ts";
import type { Handler } from "../../lib/http.ts";
import type { ComponentParts } from "../cluster.ts";
import { MACHINE } from "../machine-facts.ts";
import type { Dice } from "./dice.ts";
import { MemoryNodeFiles } from "./memory-node-files.ts";

export interface SimulatedNodeOptions {
  readonly index: number;
  readonly clock: ComponentParts["clock"];
  readonly dice: Dice;
  /** How often a call of the runtime fails just now, 0 to 1. */
  runtimeFailures(): number;
  /** Whether the container's program answers that it is ready. */
  isReady(podUid: string): boolean;
}

const noPrograms: Pick<Exec, "run"> = {
  run: () => Promise.resolve({ code: 1, stdout: "", stderr: "not on this machine", pid: 1 }),
};

export class SimulatedNode {
  readonly name: string;
  readonly runtime: FakeRuntime;
  /** The node's network is cut: it runs on, and nobody hears of it. */
  isSilent = false;
  readonly #address: string;
  readonly #files = new MemoryNodeFiles();

  constructor({ index, clock, dice, runtimeFailures, isReady }: SimulatedNodeOptions) {
    this.name = `node-${index}`;
    this.#address = `192.168.0.${index}`;
    this.runtime = new FakeRuntime({
      clock,
      delaysMs: { sandbox: 120, start: 80 },
      program: (_, { uid }) => ({ stopsMs: 500, exec: () => ({ code: isReady(uid) ? 0 : 1 }) }),
      fail: (call) =>
        dice.chance(runtimeFailures())
          ? new RuntimeError("Unavailable", `${call}: the engine gave no answer`)
          : undefined,
      // Every pod of the cluster has an address of its own.
      address: (sandbox) => `10.${index}.${(sandbox >> 8) & 255}.${sandbox & 255}`,
    });
  }

  runKubelet(
    parts: Omit<ComponentParts, "client"> & { readonly transport: Handler },
    signal: AbortSignal,
  ): Promise<void> {
    return runKubelet(
      {
        ...parts,
        client: createClient(parts.transport, { userAgent: "kubelet" }),
        runtime: this.runtime,
        nodeName: this.name,
        nodeAddress: this.#address,
        rootDirectory: `/nodes/${this.name}`,
        files: this.#files,
        machine: MACHINE,
        exec: noPrograms,
      },
      signal,
    );
  }
}
