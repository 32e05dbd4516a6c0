// The network of the pods where nobody has configured one: a bridge with the range of this machine's pods, through the
// plugins that the CNI project ships. containerd runs them.

import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Exec } from "../../../lib/exec.ts";
import { ignoreMissingFile } from "../../../lib/ignore-missing-file.ts";
import { RuntimeError } from "../runtime-error.ts";

export interface PodNetworkOptions {
  readonly cluster: string;
  /** The addresses of the pods of this machine, such as `10.244.0.0/16`. */
  readonly podCidr: string;
  /** Where the addresses that are taken are written down, for all nodes of this machine; absolute. */
  readonly addressesDirectory: string;
}

/** The kernel's names of interfaces have at most 15 characters. */
const BRIDGE_PREFIX = "cni-";
const BRIDGE_LENGTH_MAX = 15;
const FILE = "10-gantry.conflist";

export const bridgeName = (cluster: string): string => `${BRIDGE_PREFIX}${cluster}`.slice(0, BRIDGE_LENGTH_MAX);

/** In the CNI's form of a list of plugins, which are run one after the other. */
export function buildNetworkConfig({ cluster, podCidr, addressesDirectory }: PodNetworkOptions): object {
  return {
    cniVersion: "1.0.0",
    name: `gantry-${cluster}`,
    plugins: [
      {
        type: "bridge",
        bridge: bridgeName(cluster),
        isGateway: true,
        // A pod that reaches itself through a service needs its frames back where they came from.
        hairpinMode: true,
        ipam: {
          type: "host-local",
          ranges: [[{ subnet: podCidr }]],
          routes: [{ dst: "0.0.0.0/0" }],
          dataDir: addressesDirectory,
        },
      },
      { type: "portmap", capabilities: { portMappings: true }, snat: true },
    ],
  };
}

/** Writes the configuration, unless there is one already, of whomever. Resolves with whether it is ours. */
export async function ensureNetworkConfig(folder: string, options: PodNetworkOptions): Promise<boolean> {
  const names = (await readdir(folder).catch(ignoreMissingFile)) ?? [];
  const present = names.filter((name) => /\.(conf|conflist|json)$/.test(name));
  if (present.length > 0 && !present.includes(FILE)) return false;
  await mkdir(folder, { recursive: true });
  const path = join(folder, FILE);
  const text = `${JSON.stringify(buildNetworkConfig(options), undefined, 2)}\n`;
  if ((await readFile(path, "utf8").catch(ignoreMissingFile)) === text) return true;
  const temporary = `${path}.${process.hrtime.bigint()}`;
  await writeFile(temporary, text);
  await rename(temporary, path);
  return true;
}

/**
 * Makes the bridge with the address that the plugin would give it, before the first pod: an API server on this machine
 * listens there. Throws RuntimeError where the kernel does not take it.
 */
export async function ensureBridge(
  { cluster, podCidr, exec }: PodNetworkOptions & { readonly exec: Pick<Exec, "run"> },
  signal: AbortSignal,
): Promise<void> {
  const name = bridgeName(cluster);
  const commands = [
    ["link", "add", "name", name, "type", "bridge"],
    ["addr", "replace", gatewayOf(podCidr), "dev", name],
    ["link", "set", name, "up"],
  ];
  for (const args of commands) {
    const { code, stderr } = await exec.run("ip", args, { signal });
    if (code === 0 || /File exists/.test(stderr)) continue;
    throw refused(`ip ${args.join(" ")}`, stderr);
  }
  for (const rule of bridgeRules({ cluster, podCidr })) {
    if ((await runRule(exec, ["--check", ...rule], signal)).code === 0) continue;
    const { code, stderr } = await runRule(exec, ["--insert", ...rule], signal);
    if (code !== 0) throw refused(`iptables --insert ${rule.join(" ")}`, stderr);
  }
}

const refused = (command: string, stderr: string) =>
  new RuntimeError("Unavailable", `the network of the pods cannot be made (${command}: ${stderr.trim()})`);

const runRule = (exec: Pick<Exec, "run">, args: readonly string[], signal: AbortSignal) =>
  exec.run("iptables", ["--wait", ...args], { signal });

/**
 * Once for the bridge and not, as the plugins would, for each pod, which takes most of the time of a pod's network: pods
 * speak to the outside as this machine, and are let through where Docker, and others, drop what nobody has.
 */
function bridgeRules({ cluster, podCidr }: Pick<PodNetworkOptions, "cluster" | "podCidr">): readonly string[][] {
  const bridge = bridgeName(cluster);
  return [
    ["POSTROUTING", "--table", "nat", "--source", podCidr, "!", "--out-interface", bridge, "--jump", "MASQUERADE"],
    ["FORWARD", "--in-interface", bridge, "--jump", "ACCEPT"],
    ["FORWARD", "--out-interface", bridge, "--jump", "ACCEPT"],
  ];
}

/** Removes the bridge and its rules; what is not there is success. */
export async function removeBridge(
  { cluster, podCidr, exec }: Pick<PodNetworkOptions, "cluster" | "podCidr"> & { readonly exec: Pick<Exec, "run"> },
  signal: AbortSignal,
): Promise<void> {
  for (const rule of bridgeRules({ cluster, podCidr })) {
    // Nodes that started in the same moment may have made one each.
    while ((await runRule(exec, ["--delete", ...rule], signal)).code === 0);
  }
  await exec.run("ip", ["link", "delete", bridgeName(cluster)], { signal });
}

const BRIDGE_FILTER = "/proc/sys/net/bridge/bridge-nf-call-iptables";

/**
 * Lets the kernel translate addresses between pods of one bridge, too, as services between them need. Resolves with whether
 * it does.
 */
export async function filterBridges(exec: Pick<Exec, "run">, signal: AbortSignal): Promise<boolean> {
  const isOn = async () => (await readFile(BRIDGE_FILTER, "utf8").catch(ignoreMissingFile))?.trim() === "1";
  if (await isOn()) return true;
  await exec.run("modprobe", ["br_netfilter"], { signal });
  await exec.run("sysctl", ["-w", "net.bridge.bridge-nf-call-iptables=1"], { signal });
  return isOn();
}

/** The first address of a range, with the length of its prefix. */
export function gatewayOf(cidr: string): string {
  const [address = "", length = ""] = cidr.split("/");
  const block = 2 ** (32 - Number(length));
  const given = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = given - (given % block) + 1;
  const parts = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${parts.join(".")}/${length}`;
}
