// What this machine has of the parts that integration tests need. A suite whose parts are missing says so on standard
// error and counts as pending; with CI set, `npm test` fails on it.

import { accessSync, constants, existsSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";

export type MachinePart = "etcd" | "docker" | "containerd" | "nftables" | "kubectl" | "prometheus" | "root" | "linux";

const SEARCH_PATH = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/usr/local/sbin", "/sbin"];

export function findProgram(name: string): string | undefined {
  return SEARCH_PATH.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const isRoot = () => process.getuid?.() === 0;

const present: Readonly<Record<MachinePart, () => boolean | Promise<boolean>>> = {
  etcd: () => findProgram("etcd") !== undefined,
  docker: () => answers("/var/run/docker.sock"),
  containerd: () => isRoot() && canRunContainerd(),
  nftables: () => findProgram("nft") !== undefined && isRoot(),
  kubectl: () => findProgram("kubectl") !== undefined,
  prometheus: () => findProgram("prometheus") !== undefined,
  root: isRoot,
  linux: () => process.platform === "linux",
};

const PLUGIN_FOLDERS = ["/usr/lib/cni", "/opt/cni/bin"];

/** With the programs that it runs containers and sets up networks with. */
const canRunContainerd = () =>
  ["containerd", "ctr", "runc", "ip", "iptables"].every((name) => findProgram(name) !== undefined) &&
  PLUGIN_FOLDERS.some((folder) => existsSync(join(folder, "bridge")));

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socketPath);
    connection.on("connect", () => resolve(true));
    connection.on("error", () => resolve(false));
    connection.on("close", () => resolve(false));
    connection.on("connect", () => connection.end());
  });
}

/** The parts of `needed` that are missing here. */
export async function missingParts(needed: readonly MachinePart[]): Promise<MachinePart[]> {
  const checks = await Promise.all(needed.map(async (part) => [part, await present[part]()] as const));
  return checks.filter(([, here]) => !here).map(([part]) => part);
}

/** `describe`, for a suite that needs parts of the machine. */
export function describeWith(needed: readonly MachinePart[], title: string, define: (this: Mocha.Suite) => void): void {
  describe(title, function () {
    before(async function () {
      const missing = await missingParts(needed);
      if (missing.length === 0) return;
      console.error(`SKIPPED: "${title}" needs ${missing.join(" and ")}, which this machine does not have.`);
      this.skip();
    });
    define.call(this);
  });
}
