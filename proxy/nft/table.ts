// One table of the kernel's packet rules that is all ours, changed in atomic transactions that write only what differs. Other
// tables (Docker's, the user's) are never touched.

import { errorMessage } from "../../lib/error-message.ts";
import type { Exec } from "../../lib/exec.ts";
import { emptyRuleset, renderChanges, type Ruleset } from "./changes.ts";

export interface NftTableOptions {
  readonly exec: Exec;
  /** `gantry-` and what tells this cluster from others on the machine. */
  readonly name: string;
  /** The commands that make the table and its fixed part. */
  readonly skeleton: string;
}

/** Process ids of our own transactions that are remembered, to tell them from other people's. */
const OWN_PIDS_MAX = 64;

export class NftTable {
  readonly #options: NftTableOptions;
  /** What the kernel holds; undefined when that is not known, and everything has to be written. */
  #applied: Ruleset | undefined;
  #syncing: Promise<unknown> = Promise.resolve();
  readonly #ownPids = new Set<number>();

  constructor(options: NftTableOptions) {
    this.#options = options;
  }

  /** Rejects with nft's words; the table is then as it was, and the next call writes all of it. */
  async sync(wanted: Ruleset, signal: AbortSignal): Promise<void> {
    const syncing = this.#sync(wanted, signal);
    // For those who only wait for its end; the caller hears how it ended.
    this.#syncing = syncing.catch(() => undefined);
    await syncing;
  }

  async #sync(wanted: Ruleset, signal: AbortSignal): Promise<void> {
    const { name, skeleton } = this.#options;
    const changes = renderChanges(name, this.#applied ?? emptyRuleset, wanted);
    // A table of unknown content is replaced as a whole, in the same transaction, so that no packet sees a gap.
    const reset = this.#applied ? "" : `add table ip ${name}\ndelete table ip ${name}\n${skeleton}`;
    if (reset + changes === "") return;
    this.#applied = undefined;
    await this.#run(reset + changes, signal);
    this.#applied = wanted;
  }

  /** Yields who, each time somebody else has changed the table: all of it is written at the next sync. */
  async *disturbances(signal: AbortSignal): AsyncIterable<string> {
    const { exec, name } = this.#options;
    const ours = new RegExp(`\\bip ${name}( |$)`);
    let concernsUs = false;
    for await (const line of exec.lines("nft", ["monitor"], signal)) {
      const generation = /^# new generation \d+ by process (\d+)/.exec(line);
      if (!generation) concernsUs ||= ours.test(line);
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

  async remove(): Promise<void> {
    this.#applied = undefined;
    const { name } = this.#options;
    // Adding first makes deleting succeed whether or not the table is there.
    await this.#run(`add table ip ${name}\ndelete table ip ${name}\n`);
  }

  async #run(input: string, signal?: AbortSignal): Promise<void> {
    const { exec, name } = this.#options;
    const result = await exec.run("nft", ["-f", "-"], { input, signal });
    this.#remember(result.pid);
    if (result.code === 0) return;
    const [problem = ""] = result.stderr.split("\n");
    throw new Error(`nft refused the rules of table ${name}: ${problem}`);
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
