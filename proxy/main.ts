// The service proxy as a process of its own. Flags have kube-proxy's names.

import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { Command, Option } from "commander";
import { createClient } from "../client/api-client.ts";
import { connectByKubeconfig } from "../client/connect-by-kubeconfig.ts";
import { systemClock } from "../lib/clock.ts";
import { systemExec } from "../lib/exec.ts";
import { createLog, logLevelOf } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { systemRandom } from "../lib/random.ts";
import { runProgram } from "../lib/run-program.ts";
import { parseAddressRange } from "./address-range.ts";
import { backends, chooseBackend, type BackendName } from "./backends/index.ts";
import { serveHealthCheck } from "./health-check-server.ts";
import { runPolicies } from "./policy/run-policies.ts";
import { kernelTarget, WarningTarget } from "./policy/targets.ts";
import { runProxy } from "./run-proxy.ts";

interface Flags {
  readonly kubeconfig: string;
  readonly proxyMode: BackendName | "auto";
  readonly hostnameOverride: string;
  readonly clusterCidr?: string;
  readonly nodeIp: string;
  readonly table: string;
  readonly cleanup: boolean;
  readonly v: number;
}

const program = new Command("proxy")
  .description("Gives each service its virtual IP on this machine, and holds pods to their NetworkPolicies.")
  .option("--kubeconfig <file>", "how to reach the API server, and as whom")
  .addOption(
    new Option("--proxy-mode <mode>", "how packets are moved")
      .choices(["auto", "nftables", "userspace"])
      .default("auto"),
  )
  .option("--hostname-override <name>", "this node's name", hostname())
  .option("--cluster-cidr <range>", "the range that pods live in, such as 10.244.0.0/16")
  .option("--node-ip <address>", "where the userspace proxy listens for node ports", "127.0.0.1")
  .option("--table <name>", "the name of the nftables table", "gantry")
  .option("--cleanup", "remove everything that the proxy has programmed, and exit", false)
  .option("-v, --v <level>", "log level: 0 is what matters, 4 is everything", Number, 0);

const readText = (path: string) => readFile(path, "utf8");

async function main(signal: AbortSignal): Promise<void> {
  const flags = program.parse().opts<Flags>();
  const clock = systemClock();
  const exec = systemExec();
  const log = createLog(logLevelOf(flags.v));
  const mode = flags.proxyMode === "auto" ? await chooseBackend(exec) : flags.proxyMode;
  const context = { exec, log, clock, table: flags.table, clusterRange: flags.clusterCidr, nodeAddress: flags.nodeIp };
  const backend = backends[mode](context);
  const isInKernel = mode === "nftables";
  const policies = kernelTarget({ exec, proxyTable: flags.table });
  if (flags.cleanup) {
    await backend.cleanup();
    if (isInKernel) await policies.remove();
    return;
  }
  if (!flags.kubeconfig) throw new Error("--kubeconfig is missing: it says how to reach the API server");
  const transport = await connectByKubeconfig(flags.kubeconfig, readText);
  const client = createClient(transport, { userAgent: "kube-proxy" });
  const podRanges = flags.clusterCidr ? [parseAddressRange(flags.clusterCidr)] : [];
  const effects = { client, clock, random: systemRandom(), log, metrics: createMetrics() };
  const target = isInKernel ? policies : new WarningTarget(log);
  await Promise.all([
    runProxy({ ...effects, backend, serveHealthCheck, nodeName: flags.hostnameOverride, podRanges }, signal),
    runPolicies({ ...effects, target }, signal),
  ]);
}

await runProgram("proxy", main);
