// kctl up: a cluster on this machine, from one command.

import { defineCommand } from "../command.ts";
import { integer, list, onOff, onOffUnsaid, text, type FlagTable } from "../flags.ts";
import { startCluster } from "../standalone-cluster.ts";

const clusterFlags = {
  "data-dir": text("Where the cluster keeps its state; $KCTL_HOME or ~/.kctl unless given.", { placeholder: "DIR" }),
  "secure-port": integer("The API server's port; 6443 unless given."),
  "bind-address": text("The address that the API server listens on; 127.0.0.1 unless given."),
  nodes: integer("How many nodes; 1 unless given."),
  runtime: text("What runs containers: auto, docker, containerd, process or fake."),
  "container-runtime-endpoint": text("Where a containerd listens; the cluster starts one of its own unless given."),
  proxy: text("What carries services: auto, nftables, userspace or none."),
  store: text("Where objects are kept: embedded or etcd."),
  "etcd-servers": list("The addresses of etcd."),
  "service-cidr": text("The range of the services' addresses."),
  "cluster-cidr": text("The range of the pods' addresses."),
  components: text("Which parts run: a list of apiserver, controllers, scheduler, kubelet, proxy, dns."),
  "authorization-mode": list(
    "Who decides what users may do: AlwaysAllow, AlwaysDeny, Node and RBAC; AlwaysAllow unless given.",
  ),
  deschedule: onOffUnsaid("Whether pods that are out of place are moved to better nodes."),
  "token-auth-file": text("A CSV file of tokens, as kube-apiserver reads it.", { placeholder: "CSV" }),
};

export const up = defineCommand({
  usage: "up [--detach] [--data-dir DIR] [--nodes N] [--runtime auto|docker|containerd|process|fake] ...",
  description:
    "Starts the cluster and runs it until Ctrl-C. What the flags leave open is as it was the last time, or fits the machine. A second start finds the state and the containers of the first.",
  examples: ["kctl up", "kctl up --detach --nodes 3", "kctl up --data-dir /tmp/two --secure-port 7443"],
  flags: {
    ...clusterFlags,
    detach: onOff("Return when the nodes are Ready, and leave the cluster running."),
    sample: onOff("Apply manifests/hello.yaml and wait until it answers."),
  },
  async run({ flags, session }) {
    const etcdServers = flags["etcd-servers"];
    const authorizationMode = flags["authorization-mode"];
    await startCluster(session, {
      directory: flags["data-dir"],
      flags: {
        securePort: flags["secure-port"],
        bindAddress: flags["bind-address"],
        nodes: flags.nodes,
        runtime: flags.runtime,
        runtimeEndpoint: flags["container-runtime-endpoint"],
        proxy: flags.proxy,
        store: flags.store,
        etcdServers: etcdServers.length > 0 ? etcdServers : undefined,
        serviceCidr: flags["service-cidr"],
        clusterCidr: flags["cluster-cidr"],
        tokenAuthFile: flags["token-auth-file"],
        deschedule: flags.deschedule,
        authorizationMode: authorizationMode.length > 0 ? authorizationMode : undefined,
      },
      components: flags.components,
      sample: flags.sample,
      verbose: session.globals.v >= 4,
      detachedArguments: flags.detach ? ["up", ...renderFlags(clusterFlags, flags)] : undefined,
    });
    // Ctrl-C is how it ends.
    return 0;
  },
});

/** The flags of the table that have values, as arguments again. */
function renderFlags(table: FlagTable, values: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(table).flatMap((name) => {
    const value = values[name];
    const words = (Array.isArray(value) ? value : [value]) as readonly (string | number | undefined)[];
    return words.filter((word) => word !== undefined).map((word) => `--${name}=${word}`);
  });
}
