// Long LISTs: how soon they begin, how long they take, and what ten at once cost the server in memory.

import { RawConnection } from "./raw-connection.ts";
import type { Connection } from "../client/kubeconfig.ts";
import { memoryMegabytes } from "./machine-load.ts";

export interface ListTarget {
  readonly target: string;
  /** The server's process. */
  readonly pid: number;
  readonly runs: number;
}

export interface ListFigures {
  readonly firstByteMs: readonly number[];
  readonly wholeMs: readonly number[];
  readonly extraMegabytes: readonly number[];
}

const AT_ONCE = 10;

export async function measureLists(
  server: Pick<Connection, "baseUrl" | "tls">,
  { target, pid, runs }: ListTarget,
): Promise<ListFigures> {
  const connections = await Promise.all(Array.from({ length: AT_ONCE }, () => RawConnection.open(server)));
  const [first] = connections;
  if (!first) throw new RangeError("there are no connections");
  const firstByteMs: number[] = [];
  const wholeMs: number[] = [];
  const extraMegabytes: number[] = [];
  // The first LIST of a server encodes every object; that is its own figure for nobody.
  await first.download(target);
  for (let run = 0; run < runs; run++) {
    const times = await first.download(target);
    firstByteMs.push(times.firstByteMs);
    wholeMs.push(times.wholeMs);
  }
  for (let run = 0; run < runs; run++) {
    const before = memoryMegabytes(pid, "VmRSS");
    let most = before;
    const sampling = setInterval(() => (most = Math.max(most, memoryMegabytes(pid, "VmRSS"))), 10);
    await Promise.all(connections.map((connection) => connection.download(target)));
    clearInterval(sampling);
    extraMegabytes.push(most - before);
  }
  for (const connection of connections) connection.close();
  return { firstByteMs, wholeMs, extraMegabytes };
}
