// The service that `kctl expose` makes from a workload, a pod or another service. Pure; defaults and messages are kubectl's.

import { entriesAt, listAt, textAt, valueAt, type AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { parseSelector } from "../../api/meta/selector.ts";
import { allContainers, podSpecOf } from "./pod-template.ts";
import { parsePairs } from "./build-pod.ts";

export interface ServiceWish {
  readonly name?: string | undefined;
  readonly port?: string | undefined;
  readonly targetPort?: string | undefined;
  readonly protocol?: string | undefined;
  readonly type?: string | undefined;
  readonly selector?: string | undefined;
  readonly labels?: string | undefined;
  readonly clusterIp?: string | undefined;
  readonly externalIp?: string | undefined;
  readonly loadBalancerIp?: string | undefined;
  readonly sessionAffinity?: string | undefined;
}

const EXPOSABLE = ["Pod", "Service", "ReplicationController", "ReplicaSet", "Deployment"];

/** Throws CommandError where the object cannot be exposed, or neither it nor the wish says on which port. */
export function buildService(object: AnyObject, wish: ServiceWish): AnyObject {
  if (!EXPOSABLE.includes(object.kind)) throw new CommandError(`cannot expose a ${object.kind}`);
  const labels = wish.labels ? parsePairs(wish.labels.split(","), "label") : object.metadata.labels;
  const { clusterIp, externalIp, loadBalancerIp, sessionAffinity, type } = wish;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { creationTimestamp: null, name: wish.name || object.metadata.name, ...(labels && { labels }) },
    spec: {
      ports: planPorts(object, wish),
      selector: selectorFor(object, wish.selector),
      ...(type && { type }),
      ...(clusterIp && { clusterIP: clusterIp }),
      ...(externalIp && { externalIPs: [externalIp] }),
      ...(loadBalancerIp && { loadBalancerIP: loadBalancerIp }),
      ...(sessionAffinity && { sessionAffinity }),
    },
    status: { loadBalancer: {} },
  } as unknown as AnyObject;
}

function selectorFor(object: AnyObject, text: string | undefined): Readonly<Record<string, string>> {
  if (text) {
    const pairs = parseSelector(text).filter(({ operator, values }) => operator === "In" && values.length === 1);
    return Object.fromEntries(pairs.map(({ key, values }) => [key, values[0] ?? ""]));
  }
  const labels = Object.fromEntries(entriesAt(object, ...selectorPath(object))) as Readonly<Record<string, string>>;
  if (Object.keys(labels).length > 0) return labels;
  const what =
    object.kind === "Pod" ? "the pod has no labels and cannot be exposed" : "couldn't find a selector to expose";
  throw new CommandError(
    object.kind === "Pod" ? what : `couldn't retrieve selectors via --selector flag or introspection: ${what}`,
  );
}

function selectorPath({ kind }: AnyObject): readonly string[] {
  if (kind === "Pod") return ["metadata", "labels"];
  return kind === "Service" || kind === "ReplicationController"
    ? ["spec", "selector"]
    : ["spec", "selector", "matchLabels"];
}

interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
  readonly targetPort: number | string;
}

function planPorts(object: AnyObject, wish: ServiceWish): readonly ServicePort[] {
  const known = portsOf(object);
  const wanted = wish.port ? wish.port.split(",") : known.map(({ port }) => String(port));
  if (wanted.length === 0) throw new CommandError("couldn't find port via --port flag or introspection");
  return wanted.map((text, index) => {
    const port = readPort(text);
    const protocol = wish.protocol ?? known.find((each) => each.port === port)?.protocol ?? "TCP";
    const targetPort = wish.targetPort ? readTargetPort(wish.targetPort) : port;
    return { ...(wanted.length > 1 && { name: `port-${index + 1}` }), port, protocol, targetPort };
  });
}

/** The ports that an object's containers, or a service, declare. */
function portsOf(object: AnyObject): readonly { readonly port: number; readonly protocol: string }[] {
  const protocolOf = (port: unknown) => textAt(port, "protocol") || "TCP";
  if (object.kind === "Service") {
    return listAt(object, "spec", "ports").map((port) => ({
      port: Number(valueAt(port, "port")),
      protocol: protocolOf(port),
    }));
  }
  const spec = podSpecOf(object);
  return (spec ? allContainers(spec) : []).flatMap(({ ports = [] }) =>
    ports.map((port) => ({ port: port.containerPort, protocol: protocolOf(port) })),
  );
}

function readPort(text: string): number {
  if (!/^\d+$/.test(text.trim())) throw new CommandError(`invalid port ${JSON.stringify(text)}: it must be a number`);
  return Number(text);
}

const readTargetPort = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);
