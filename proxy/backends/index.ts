// The proxy's backends, best first. Adding one is a file of its own and a line here.

import type { Clock } from "../../lib/clock.ts";
import type { Exec } from "../../lib/exec.ts";
import type { Log } from "../../lib/log.ts";
import type { ProxyBackend } from "./backend.ts";
import { FakeBackend } from "./fake.ts";
import { findNftablesProblem } from "../nft/table.ts";
import { NftablesBackend } from "./nftables.ts";
import { UserspaceBackend } from "./userspace.ts";

export interface BackendContext {
  readonly exec: Exec;
  readonly log: Log;
  readonly clock: Clock;
  /** The nftables table's name. */
  readonly table: string;
  readonly clusterRange?: string;
  readonly nodeAddress: string;
}

export const backends: Readonly<Record<BackendName, (context: BackendContext) => ProxyBackend>> = {
  nftables: (context) => new NftablesBackend(context),
  userspace: (context) => new UserspaceBackend(context),
  none: () => new FakeBackend(),
};

export type BackendName = "nftables" | "userspace" | "none";

/** The best backend that works on this machine. */
export async function chooseBackend(exec: Exec): Promise<BackendName> {
  return (await findNftablesProblem(exec)) === undefined ? "nftables" : "userspace";
}
