// What this machine offers a cluster: Docker, nftables, addresses. Looked up once at start; it changes nothing.

import { readFile } from "node:fs/promises";
import { get } from "node:http";
import { networkInterfaces } from "node:os";
import type { Clock } from "../lib/clock.ts";
import type { Exec } from "../lib/exec.ts";
import { chooseBackend } from "../proxy/backends/index.ts";
import { parseRoutes } from "./address-ranges.ts";
import type { MachineFacts } from "./cluster-settings.ts";

export interface Machine extends MachineFacts {
  /** The ranges that are in use: its networks. */
  readonly routes: readonly string[];
  /** The address that others know it by; loopback where it has no network. */
  readonly address: string;
}

const DOCKER_ANSWER_MAX_MS = 2_000;

export async function inspectMachine(options: {
  readonly exec: Exec;
  readonly clock: Clock;
  readonly dockerSocket: string;
}): Promise<Machine> {
  const [dockerAnswers, backend, routeTable] = await Promise.all([
    pingDocker(options),
    chooseBackend(options.exec),
    readFile("/proc/net/route", "utf8").catch(() => ""),
  ]);
  return {
    dockerAnswers,
    canUseNftables: backend === "nftables",
    routes: parseRoutes(routeTable),
    address: primaryAddress(routeTable),
  };
}

function pingDocker({
  clock,
  dockerSocket,
}: {
  readonly clock: Clock;
  readonly dockerSocket: string;
}): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (answers: boolean) => {
      cancelTimer();
      resolve(answers);
      sent.destroy();
    };
    const sent = get({ socketPath: dockerSocket, path: "/_ping" });
    const cancelTimer = clock.setTimer(DOCKER_ANSWER_MAX_MS, () => finish(false));
    sent.on("response", (received) => finish(received.statusCode === 200));
    sent.on("error", () => finish(false));
  });
}

/** The IPv4 address of the interface that the default route leads through, else of any. */
function primaryAddress(routeTable: string): string {
  const defaultInterface = /^(\S+)\t00000000\t/m.exec(routeTable)?.[1];
  const byName = networkInterfaces();
  const all = [byName[defaultInterface ?? ""] ?? [], ...Object.values(byName)].flat();
  return all.find((each) => each?.family === "IPv4" && !each.internal)?.address ?? "127.0.0.1";
}
