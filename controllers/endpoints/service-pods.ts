// Which pods stand behind a service, and on which ports: shared by the Endpoints and the EndpointSlice controllers. Pure,
// but for the index that finds pods by label.

import { isPodReady, isPodTerminal } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { pods } from "../../api/core/pod.ts";
import { services, type Service, type ServicePort } from "../../api/core/service.ts";
import { keyOf, type ObjectKey } from "../../api/meta/object.ts";
import type { ControllerDeps, WatchRule } from "../../client/controller.ts";
import type { Change, Indexers, Lister } from "../../client/informer.ts";

/** When the change that made a write necessary was seen: programming latency is measured from here. */
export const TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";

const BY_LABEL = "namespace-and-label";
const BY_NAMESPACE = "namespace";

const labelId = (namespace: string, [key, value]: readonly [string, string]) => `${namespace}/${key}=${value}`;

export const podIndexers: Indexers<Pod> = {
  [BY_LABEL]: ({ metadata: { namespace = "", labels = {} } }) =>
    Object.entries(labels).map((label) => labelId(namespace, label)),
};

export const serviceIndexers: Indexers<Service> = {
  [BY_NAMESPACE]: ({ metadata }) => [metadata.namespace ?? ""],
};

/** The controllers fill in endpoints for services that select pods, and leave the others to their users. */
export function selectsPods({ spec }: Service): boolean {
  return spec.selector !== undefined && Object.keys(spec.selector).length > 0 && spec.type !== "ExternalName";
}

type Labels = Readonly<Record<string, string>>;

const matches = (selector: Labels, labels: Labels) => Object.entries(selector).every(([k, v]) => labels[k] === v);

/** The pods that the service selects and that have an address; finished ones never count. In the order of their names. */
export function podsBehind(service: Service, cache: Lister<Pod>): readonly Pod[] {
  const selector = service.spec.selector ?? {};
  const [first] = Object.entries(selector);
  if (!first) return [];
  return cache
    .byIndex(BY_LABEL, labelId(service.metadata.namespace ?? "", first))
    .filter((pod) => matches(selector, pod.metadata.labels ?? {}))
    .filter((pod) => !isPodTerminal(pod) && pod.status.podIP)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** A change of a pod concerns the services that select it, or did before. */
export const podsOfServices: WatchRule<Pod> = {
  resource: pods,
  map: (change, deps) => servicesSelecting(change, deps),
};

function servicesSelecting(change: Change<Pod>, deps: ControllerDeps): readonly ObjectKey[] {
  const versions = change.type === "updated" ? [change.object, change.before] : [change.object];
  return deps
    .informer(services, serviceIndexers)
    .byIndex(BY_NAMESPACE, change.object.metadata.namespace ?? "")
    .filter(selectsPods)
    .filter(({ spec }) => versions.some(({ metadata }) => matches(spec.selector ?? {}, metadata.labels ?? {})))
    .map(keyOf);
}

export interface EndpointState {
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

/** `ready` is for load balancers, `serving` tells the pod's own readiness while it terminates (KEP-1672). */
export function endpointState(service: Service, pod: Pod): EndpointState {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  return { ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating };
}

/** A port of the service as this pod offers it. */
export interface ResolvedPort {
  readonly name: string;
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly port: number;
  readonly appProtocol?: string;
}

/** Ports that the pod does not name are left out. */
export function resolvePorts(service: Service, pod: Pod): readonly ResolvedPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const { name = "", protocol = "TCP", appProtocol } = servicePort;
    const port = resolvePort(servicePort, pod);
    return port === undefined ? [] : [{ name, protocol, port, ...(appProtocol && { appProtocol }) }];
  });
}

function resolvePort({ targetPort, port, protocol = "TCP" }: ServicePort, pod: Pod): number | undefined {
  if (targetPort === undefined || targetPort === 0 || targetPort === "") return port;
  if (typeof targetPort === "number") return targetPort;
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...pod.spec.containers, ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .find((each) => each.name === targetPort && (each.protocol ?? "TCP") === protocol)?.containerPort;
}

/** A pod has a name of its own under a headless service that is its subdomain. */
export function endpointHostname(service: Service, { spec, metadata }: Pod): string | undefined {
  const isSubdomain = spec.subdomain === service.metadata.name && metadata.namespace === service.metadata.namespace;
  return spec.hostname && isSubdomain ? spec.hostname : undefined;
}

export const podReference = ({ metadata: { namespace, name, uid } }: Pod) => ({ kind: "Pod", namespace, name, uid });

export const isHeadless = ({ spec }: Service): boolean => !spec.clusterIP || spec.clusterIP === "None";

/** The service's own labels that its endpoints carry on, and Kubernetes' mark of headless services. */
export function endpointLabels(service: Service): Labels {
  const reserved = new Set(["kubernetes.io/service-name", "endpointslice.kubernetes.io/managed-by", HEADLESS]);
  const own = Object.entries(service.metadata.labels ?? {}).filter(([key]) => !reserved.has(key));
  return { ...Object.fromEntries(own), ...(isHeadless(service) && { [HEADLESS]: "" }) };
}

const HEADLESS = "service.kubernetes.io/headless";
