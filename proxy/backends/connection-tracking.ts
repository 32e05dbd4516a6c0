// UDP has no connections, but the kernel remembers flows: a client that keeps sending would be led to an endpoint that is
// gone for as long as it sends. Those flows are dropped here, through the program `conntrack` where the machine has it.

import type { Exec } from "../../lib/exec.ts";
import type { Log } from "../../lib/log.ts";
import type { ServiceEntry, ServiceTable } from "../service-table.ts";

/** `conntrack -D` exits with 1 when there was nothing to delete. */
const NOTHING_DELETED = 1;

export class ConnectionTracking {
  readonly #exec: Exec;
  readonly #log: Log;
  #flows: ReadonlyMap<string, Flow> = new Map();
  #isMissing = false;

  constructor(exec: Exec, log: Log) {
    this.#exec = exec;
    this.#log = log;
  }

  /** Drops the flows to UDP endpoints that were in the last table and are not in this one. */
  async forgetRemoved(table: ServiceTable, signal: AbortSignal): Promise<void> {
    const flows = udpFlows(table);
    const removed = [...this.#flows].filter(([id]) => !flows.has(id)).map(([, flow]) => flow);
    this.#flows = flows;
    for (const flow of removed) {
      if (!this.#isMissing) await this.#forget(flow, signal);
    }
  }

  async #forget({ address, port, endpoint }: Flow, signal: AbortSignal): Promise<void> {
    const destination = address === undefined ? [] : ["--orig-dst", address];
    const args = ["-D", "-p", "udp", ...destination, "--dport", String(port), "--dst-nat", endpoint];
    try {
      const { code, stderr } = await this.#exec.run("conntrack", args, { signal });
      if (code > NOTHING_DELETED)
        this.#log.warn("conntrack could not drop a flow", { address, port, endpoint, stderr });
    } catch (error) {
      if (signal.aborted) throw error;
      this.#isMissing = true;
      const message = "The program conntrack is missing: UDP clients may stay with a removed endpoint until they pause";
      this.#log.warn(message, { error });
    }
  }
}

interface Flow {
  /** Any of the node's where it is a node port. */
  readonly address: string | undefined;
  readonly port: number;
  readonly endpoint: string;
}

function udpFlows({ entries }: ServiceTable): ReadonlyMap<string, Flow> {
  const flows = entries.filter(({ protocol }) => protocol === "UDP").flatMap(flowsOf);
  return new Map(flows.map((flow) => [`${flow.address} ${flow.port} ${flow.endpoint}`, flow]));
}

function flowsOf(entry: ServiceEntry): readonly Flow[] {
  const { addresses, externalAddresses, port, nodePort, endpoints, externalEndpoints } = entry;
  return [
    ...addresses.flatMap((address) => endpoints.map(({ ip }) => ({ address, port, endpoint: ip }))),
    ...externalAddresses.flatMap((address) => externalEndpoints.map(({ ip }) => ({ address, port, endpoint: ip }))),
    ...(nodePort === undefined
      ? []
      : externalEndpoints.map(({ ip }) => ({ address: undefined, port: nodePort, endpoint: ip }))),
  ];
}
