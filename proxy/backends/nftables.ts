// Services in the kernel: one nftables table of our own.

import type { Exec } from "../../lib/exec.ts";
import type { Log } from "../../lib/log.ts";
import { NftTable } from "../nft/table.ts";
import type { ServiceTable } from "../service-table.ts";
import type { ProxyBackend, SyncProblem } from "./backend.ts";
import { buildRuleset, renderSkeleton, type RulesOptions } from "./nftables-rules.ts";
import { ConnectionTracking } from "./connection-tracking.ts";

export interface NftablesOptions extends RulesOptions {
  readonly exec: Exec;
  readonly log: Log;
  /** The table's name: `gantry-` and what tells this cluster from others on the machine. */
  readonly table: string;
}

export class NftablesBackend implements ProxyBackend {
  readonly name = "nftables";
  readonly #options: NftablesOptions;
  readonly #connections: ConnectionTracking;
  readonly #table: NftTable;

  constructor(options: NftablesOptions) {
    const { exec, log, table } = options;
    this.#options = options;
    this.#connections = new ConnectionTracking(exec, log);
    this.#table = new NftTable({ exec, name: table, skeleton: renderSkeleton(table) });
  }

  async sync(table: ServiceTable, signal: AbortSignal): Promise<readonly SyncProblem[]> {
    await this.#table.sync(buildRuleset(table, this.#options), signal);
    await this.#connections.forgetRemoved(table, signal);
    return table.entries
      .filter(({ addresses }) => !addresses.some((ip) => !ip.includes(":")))
      .map(({ service }) => ({
        service,
        message: "The proxy serves IPv4 addresses only so far, and the service has none.",
      }));
  }

  disturbances(signal: AbortSignal): AsyncIterable<string> {
    return this.#table.disturbances(signal);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  cleanup(): Promise<void> {
    return this.#table.remove();
  }
}
