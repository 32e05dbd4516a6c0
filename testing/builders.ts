// Tiny builders of the objects that tests need most: what a test does not name is something sensible. They give objects as
// clients send them; `asStored` makes one that could have come from the server.

import type { Deployment } from "../api/apps/deployment.ts";
import type { Node } from "../api/core/node.ts";
import type { Pod, PodSpec } from "../api/core/pod.ts";
import type { Service } from "../api/core/service.ts";
import type { NewObject } from "../api/meta/object.ts";
import type { ObjectMetaFields } from "../api/meta/object-meta.ts";

type Labels = Readonly<Record<string, string>>;

interface PodOptions {
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly image?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly metadata?: ObjectMetaFields;
  readonly spec?: Partial<PodSpec>;
  readonly status?: Pod["status"];
}

/** A pod of one container named `main`. */
export function newPod(name: string, options: PodOptions = {}): NewObject<Pod> {
  const { namespace = "default", labels, image = "registry.test/app:1", metadata, spec, status } = options;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, ...(labels && { labels }), ...metadata },
    spec: { containers: [{ name: "main", image, resources: requests(options) }], ...spec },
    ...(status && { status }),
  };
}

function requests({ cpu, memory }: PodOptions) {
  if (!cpu && !memory) return {};
  return { requests: { ...(cpu && { cpu }), ...(memory && { memory }) } };
}

interface NodeOptions {
  readonly labels?: Labels;
  readonly cpu?: string;
  readonly memory?: string;
  /** How many pods fit; 110 unless given. */
  readonly pods?: string;
  readonly spec?: Node["spec"];
  readonly status?: Partial<Node["status"]>;
}

/** A ready node of 4 cores and 8 GiB. */
export function newNode(name: string, options: NodeOptions = {}): NewObject<Node> {
  const { labels, cpu = "4", memory = "8Gi", pods = "110", spec = {}, status } = options;
  const resources = { cpu, memory, pods, "ephemeral-storage": "100Gi" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } },
    spec,
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: [{ type: "Ready", status: "True", reason: "KubeletReady" }],
      addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
      ...status,
    } as Node["status"],
  };
}

interface DeploymentOptions {
  readonly namespace?: string;
  readonly replicas?: number;
  readonly labels?: Labels;
  readonly image?: string;
  readonly spec?: Partial<Deployment["spec"]>;
}

/** A deployment whose pods carry `labels`, `app: <name>` unless given. */
export function newDeployment(name: string, options: DeploymentOptions = {}): NewObject<Deployment> {
  const { namespace = "default", replicas = 1, labels = { app: name }, image, spec } = options;
  const template = { metadata: { labels }, spec: newPod(name, { image }).spec };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: { replicas, selector: { matchLabels: labels }, template, strategy: {}, ...spec },
  };
}

interface ServiceOptions {
  readonly namespace?: string;
  readonly selector?: Labels;
  readonly port?: number;
  readonly targetPort?: number | string;
  readonly spec?: Partial<Service["spec"]>;
}

/** A TCP service on port 80 that selects `app: <name>`. */
export function newService(name: string, options: ServiceOptions = {}): NewObject<Service> {
  const { namespace = "default", selector = { app: name }, port = 80, targetPort, spec } = options;
  const ports = [{ port, protocol: "TCP" as const, ...(targetPort !== undefined && { targetPort }) }];
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace }, spec: { selector, ports, ...spec } };
}

interface Unstored {
  readonly metadata: ObjectMetaFields;
  readonly status?: unknown;
}

/** The object as a server would hand it out: with an identity, a version and a status. */
export function asStored<T>(object: Unstored, metadata: ObjectMetaFields = {}): T {
  const { name = "", namespace = "" } = object.metadata;
  const identity = { uid: `uid-${namespace}-${name}`, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" };
  return { status: {}, ...object, metadata: { ...identity, ...object.metadata, ...metadata } } as T;
}
