// kctl expose: makes a service for a workload, a pod or another service.

import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { text } from "../flags.ts";
import { manifestFlags } from "../manifests.ts";
import { buildService } from "../pods/build-service.ts";
import { createObject } from "../pods/create-object.ts";
import { outputFlags } from "../printers/output-format.ts";
import { createReport, dryRunFlags, fieldManagerFlags, parseDryRun } from "../report.ts";
import { selectNamed } from "../select-named.ts";
import { throwErrors } from "../select-objects.ts";

export const expose = defineCommand({
  usage: "expose (TYPE NAME | TYPE/NAME | -f FILE) [--port=PORT] [--target-port=PORT] [--name=NAME] [--type=TYPE]",
  examples: ["kctl expose deployment web --port=80 --target-port=8080", "kctl expose pod web --type=NodePort"],
  flags: {
    ...manifestFlags,
    port: text("The service's port; those of the object unless given."),
    "target-port": text("The pods' port, by number or name; the service's unless given."),
    name: text("The service's name; the object's unless given."),
    protocol: text("TCP, UDP or SCTP; TCP unless given."),
    type: text("ClusterIP, NodePort, LoadBalancer or ExternalName; ClusterIP unless given."),
    selector: text("The labels of the pods; the object's selector unless given."),
    labels: text("The service's labels; the object's unless given.", { short: "l" }),
    "cluster-ip": text("The service's address; None for a headless service."),
    "external-ip": text("An address of a node at which the service answers too."),
    "load-balancer-ip": text("The address to ask the load balancer for."),
    "session-affinity": text("ClientIP or None."),
    overrides: text("JSON that is put over the service."),
    ...dryRunFlags,
    ...fieldManagerFlags,
    ...outputFlags,
  },
  async run({ flags, args, session }) {
    const { objects, errors } = await selectNamed(session, { ...flags, args });
    throwErrors(errors);
    const dryRun = parseDryRun(flags["dry-run"]);
    const report = await createReport(session, { ...flags, dryRun });
    const type = await (await session.discovery()).find("services");
    const { withOverrides } = await import("../pods/build-pod.ts");
    for (const { object, namespace } of objects) {
      const built = buildService(object, {
        ...flags,
        targetPort: flags["target-port"],
        clusterIp: flags["cluster-ip"],
        externalIp: flags["external-ip"],
        loadBalancerIp: flags["load-balancer-ip"],
        sessionAffinity: flags["session-affinity"],
      });
      const service = withOverrides(built, flags.overrides);
      if (!namespace) throw new CommandError(`cannot expose a ${object.kind}`);
      const fieldManager = flags["field-manager"] ?? "kubectl-expose";
      const target = { type, name: service.metadata.name ?? "", namespace };
      report(target, await createObject(session, target, { object: service, dryRun, fieldManager }), "exposed");
    }
  },
});
