// Where the rules of network policies take effect: a table of the kernel's, or nowhere, and then it is said.

import type { Exec } from "../../lib/exec.ts";
import type { Log } from "../../lib/log.ts";
import { NftTable } from "../nft/table.ts";
import { renderPolicySkeleton } from "./policy-rules.ts";
import type { PolicyTarget } from "./run-policies.ts";

/** `proxyTable`: the table of the services, from whose name that of the policies is made. */
export function kernelTarget({ exec, proxyTable }: { readonly exec: Exec; readonly proxyTable: string }): NftTable {
  const name = `${proxyTable}-policy`;
  return new NftTable({ exec, name, skeleton: renderPolicySkeleton(name) });
}

/** For machines whose packets cannot be held up: policies are accepted, as everywhere, and have no effect. */
export class WarningTarget implements PolicyTarget {
  readonly #log: Log;
  #hasWarned = false;

  constructor(log: Log) {
    this.#log = log;
  }

  sync({ chains }: Parameters<PolicyTarget["sync"]>[0]): Promise<void> {
    if (chains.size > 0 && !this.#hasWarned) {
      this.#hasWarned = true;
      this.#log.warn("NetworkPolicies isolate pods, but nothing enforces them: that takes nftables, with root");
    }
    return Promise.resolve();
  }

  async *disturbances(): AsyncIterable<string> {
    // Nobody can change what is not there.
  }
}
