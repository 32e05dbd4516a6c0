// Services in the kernel: one nftables table of our own, changed in atomic transactions that write only what differs. Other
// tables (Docker's, the user's) are never touched.

import { errorMessage } from "../../lib/error-message.ts";
import type { Exec } from "../../lib/exec.ts";
import type { Log } from "../../lib/log.ts";
import type { ServiceTable } from "../service-table.ts";
import type { ProxyBackend, SyncProblem } from "./backend.ts";
import { emptyRuleset, renderChanges } from "./nftables-changes.ts";
import { buildRuleset, renderSkeleton, type RulesOptions, type Ruleset } from "./nftables-rules.ts";
import { ConnectionTracking } from "./connection-tracking.ts";

export interface NftablesOptions extends RulesOptions {
  readonly exec: Exec;
  readonly log: Log;
  /** The table's name: `gantry-` and what tells this cluster from others on the machine. */
  readonly table: string;
}

/** Process ids of our own transactions that are remembered, to tell them from other people's. */
const OWN_PIDS_MAX = 64;

export class NftablesBackend implements ProxyBackend {
  readonly name = "nftables";
  readonly #options: NftablesOptions;
  readonly #connections: ConnectionTracking;
  /** What the kernel holds; undefined when that is not known, and everything has to be written. */
  #applied: Ruleset | undefined;
  #syncing: Promise<unknown> = Promise.resolve();
  readonly #ownPids = new Set<number>();

  constructor(options: NftablesOptions) {
    this.#options = options;
    this.#connections = new ConnectionTracking(options.exec, options.log);
  }

  async sync(table: ServiceTable, signal: AbortSignal): Promise<readonly SyncProblem[]> {
    const syncing = this.#sync(table, signal);
    this.#syncing = syncing.catch(() => undefined);
    await syncing;
    await this.#connections.forgetRemoved(table, signal);
    return table.entries
      .filter(({ addresses }) => !addresses.some((ip) => !ip.includes(":")))
      .map(({ service }) => ({
        service,
        message: "The proxy serves IPv4 addresses only so far, and the service has none.",
      }));
  }

  async #sync(table: ServiceTable, signal: AbortSignal): Promise<void> {
    const wanted = buildRuleset(table, this.#options);
    const { table: name } = this.#options;
    const changes = renderChanges(name, this.#applied ?? emptyRuleset, wanted);
    // A table of unknown content is replaced as a whole, in the same transaction, so that no packet sees a gap.
    const reset = this.#applied ? "" : `add table ip ${name}\ndelete table ip ${name}\n${renderSkeleton(name)}`;
    if (reset + changes === "") return;
    this.#applied = undefined;
    await this.#run(reset + changes, signal);
    this.#applied = wanted;
  }

  async *disturbances(signal: AbortSignal): AsyncIterable<string> {
    const { exec, table } = this.#options;
    let concernsUs = false;
    for await (const line of exec.lines("nft", ["monitor"], signal)) {
      const generation = /^# new generation \d+ by process (\d+)/.exec(line);
      if (!generation) concernsUs ||= new RegExp(`\\bip ${table}( |$)`).test(line);
      else if (concernsUs) {
        concernsUs = false;
        // Our own transaction's id is known once it has ended.
        await this.#syncing;
        if (this.#ownPids.has(Number(generation[1]))) continue;
        this.#applied = undefined;
        yield `process ${generation[1]}`;
      }
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async cleanup(): Promise<void> {
    this.#applied = undefined;
    const { table } = this.#options;
    // Adding first makes deleting succeed whether or not the table is there.
    await this.#run(`add table ip ${table}\ndelete table ip ${table}\n`);
  }

  async #run(input: string, signal?: AbortSignal): Promise<void> {
    const result = await this.#options.exec.run("nft", ["-f", "-"], { input, signal });
    this.#remember(result.pid);
    if (result.code === 0) return;
    const [problem = ""] = result.stderr.split("\n");
    throw new Error(`nft refused the service rules of table ${this.#options.table}: ${problem}`);
  }

  #remember(pid: number): void {
    this.#ownPids.add(pid);
    const [oldest] = this.#ownPids;
    if (this.#ownPids.size > OWN_PIDS_MAX && oldest !== undefined) this.#ownPids.delete(oldest);
  }
}

/** Why nftables cannot be used here; undefined when it can. */
export async function findNftablesProblem(exec: Exec): Promise<string | undefined> {
  try {
    const { code, stderr } = await exec.run("nft", ["list", "tables"]);
    return code === 0 ? undefined : `nft does not work here: ${stderr.trim()}`;
  } catch (error) {
    return `nft cannot be run: ${errorMessage(error)}`;
  }
}
