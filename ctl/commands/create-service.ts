// kctl create service: one address for the pods with the label app=NAME.

import { defineCommand } from "../command.ts";
import { buildService } from "../create/build-objects.ts";
import { createBuilt, createFlags, knownTypes, onlyName } from "../create/create-object.ts";
import { integer, list, text } from "../flags.ts";

const tcp = list("A port as PORT or PORT:TARGET.", { placeholder: "PORT:TARGET" });
const type = knownTypes.service;

export const createServiceClusterIp = defineCommand({
  usage: "create service clusterip NAME [--tcp=PORT:TARGET] [--clusterip=None] [flags]",
  flags: { ...createFlags, tcp, clusterip: text("The service's own address, or None.") },
  async run({ flags, args, session }) {
    const choice = { type: "ClusterIP", tcp: flags.tcp, clusterIP: flags.clusterip } as const;
    await createBuilt(session, { type, object: buildService(onlyName(args, "service clusterip"), choice) }, flags);
  },
});

export const createServiceNodePort = defineCommand({
  usage: "create service nodeport NAME --tcp=PORT:TARGET [--node-port=PORT] [flags]",
  flags: { ...createFlags, tcp, "node-port": integer("The port on each node.") },
  async run({ flags, args, session }) {
    const choice = { type: "NodePort", tcp: flags.tcp, nodePort: flags["node-port"] } as const;
    await createBuilt(session, { type, object: buildService(onlyName(args, "service nodeport"), choice) }, flags);
  },
});

export const createServiceLoadBalancer = defineCommand({
  usage: "create service loadbalancer NAME --tcp=PORT:TARGET [flags]",
  flags: { ...createFlags, tcp },
  async run({ flags, args, session }) {
    const choice = { type: "LoadBalancer", tcp: flags.tcp } as const;
    await createBuilt(session, { type, object: buildService(onlyName(args, "service loadbalancer"), choice) }, flags);
  },
});

export const createServiceExternalName = defineCommand({
  usage: "create service externalname NAME --external-name=HOST [flags]",
  flags: { ...createFlags, tcp, "external-name": text("The name that the service stands for.") },
  async run({ flags, args, session }) {
    const choice = { type: "ExternalName", tcp: flags.tcp, externalName: flags["external-name"] } as const;
    await createBuilt(session, { type, object: buildService(onlyName(args, "service externalname"), choice) }, flags);
  },
});
