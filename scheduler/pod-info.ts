// What scheduling needs to know about a pod, each worked out once and when it is first asked for: its requests as numbers, its
// host ports, its affinity to other pods, and which pods it is equal to.

import { claimNameOf } from "../api/core/pod-claims.ts";
import { podRequests } from "../api/core/pod-resources.ts";
import { isSidecar, podCondition } from "../api/core/pod-state.ts";
import type { Pod } from "../api/core/pod.ts";
import { roleOfPod } from "../api/kctl-scheduling/sharing-role.ts";
import { formatKey, keyOf } from "../api/meta/object.ts";
import { controllerOf } from "../api/meta/owner.ts";
import { interned } from "../lib/interned.ts";
import { affinityTermsOf, type AffinityTerms } from "./affinity-terms.ts";

export class PodInfo {
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  /** It is on its way out. */
  readonly isTerminating: boolean;
  /** When its node took it on, in milliseconds since 1970; Infinity: it has not yet. */
  readonly startedMs: number;
  #pod: Pod;
  #request: PodRequest | undefined;
  #ports: readonly HostPort[] | undefined;
  #claims: readonly PodClaim[] | undefined;
  #affinity: AffinityTerms | undefined;
  /** null: it stands alone. */
  #group: string | null | undefined;
  #cohortKey: string | undefined;
  #shapeKey: string | undefined;
  #classKey: string | undefined;

  constructor(pod: Pod) {
    this.#pod = pod;
    this.key = formatKey(keyOf(pod));
    this.uid = pod.metadata.uid;
    this.namespace = pod.metadata.namespace ?? "";
    this.labels = pod.metadata.labels ?? {};
    this.priority = pod.spec.priority ?? 0;
    this.isTerminating = pod.metadata.deletionTimestamp !== undefined;
    this.startedMs = pod.status.startTime === undefined ? Infinity : Date.parse(pod.status.startTime);
  }

  get pod(): Pod {
    return this.#pod;
  }

  /** Takes a newer version of the pod that is the same in all that was worked out (see same-placement.ts), and lets go of the older. */
  renew(pod: Pod): void {
    this.#pod = pod;
  }

  /** Where pods are being pushed out for it; undefined: nowhere. */
  get nominatedNode(): string | undefined {
    return this.pod.status.nominatedNodeName || undefined;
  }

  /** It is on its way out to make room for another pod. */
  get isPreempted(): boolean {
    if (!this.isTerminating) return false;
    const condition = podCondition(this.pod, "DisruptionTarget");
    return condition?.status === "True" && condition.reason === "PreemptionByScheduler";
  }

  /** Whom it stands for; undefined: nobody in particular. */
  get role(): string | undefined {
    return roleOfPod(this.pod);
  }

  get request(): PodRequest {
    this.#request ??= requestOf(this.pod);
    return this.#request;
  }

  get ports(): readonly HostPort[] {
    this.#ports ??= hostPortsOf(this.pod);
    return this.#ports;
  }

  get claims(): readonly PodClaim[] {
    this.#claims ??= claimsOf(this.pod);
    return this.#claims;
  }

  get affinity(): AffinityTerms {
    this.#affinity ??= affinityTermsOf(this.pod);
    return this.#affinity;
  }

  /** Pods with the same group are spread over nodes and zones; undefined: the pod stands alone. */
  get group(): string | undefined {
    if (this.#group === undefined) this.#group = groupOf(this) ?? null;
    return this.#group ?? undefined;
  }

  /** Equal for pods that the rules of other pods must treat alike: made of all that those read of a pod with a node. */
  get cohortKey(): string {
    this.#cohortKey ??= interned(this.#renderCohortKey());
    return this.#cohortKey;
  }

  /** Equal for pods that every plugin must treat alike: made of all that plugins read of a pod. */
  get classKey(): string {
    this.#classKey ??= interned(`${JSON.stringify(this.request)} ${this.shapeKey}`);
    return this.#classKey;
  }

  /** The same, but for what the pod requests. */
  get shapeKey(): string {
    this.#shapeKey ??= interned(this.#renderShapeKey());
    return this.#shapeKey;
  }

  #renderCohortKey(): string {
    const { podAffinity, podAntiAffinity } = this.pod.spec.affinity ?? {};
    const { namespace, labels, group, isTerminating } = this;
    return JSON.stringify([namespace, sorted(labels), group, isTerminating, podAffinity, podAntiAffinity]);
  }

  #renderShapeKey(): string {
    const { nodeName, nodeSelector, affinity, tolerations, topologySpreadConstraints } = this.pod.spec;
    const { containers, initContainers, volumes = [], resourceClaims } = this.pod.spec;
    const images = [...(initContainers ?? []), ...containers].map(({ image }) => image);
    // A claim that is made for a pod is good for this very pod only.
    const claims = this.claims.map(({ name, isEphemeral }) => (isEphemeral ? [name, this.uid] : name));
    const disks = volumes.filter((volume) => RESTRICTED_DISKS.some((source) => volume[source]));
    const placing = [nodeName, nodeSelector, affinity?.nodeAffinity, tolerations, topologySpreadConstraints];
    return JSON.stringify([this.cohortKey, this.ports, placing, images, claims, disks, resourceClaims]);
  }
}

/** A claim of the pod's namespace that one of its volumes stands for. */
export interface PodClaim {
  readonly name: string;
  /** It is made for this pod. */
  readonly isEphemeral: boolean;
}

/** Disks that several pods of a node cannot have at the same time. */
export const RESTRICTED_DISKS = ["gcePersistentDisk", "awsElasticBlockStore", "iscsi", "rbd"] as const;

export interface PodRequest {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly ephemeralBytes: number;
  /** With Kubernetes' stand-ins for containers that ask for nothing, so that those too are spread by their number. */
  readonly scoredCpuMillis: number;
  readonly scoredMemoryBytes: number;
  /** Extended resources and huge pages. */
  readonly others: readonly (readonly [resource: string, amount: number])[];
}

export interface HostPort {
  readonly protocol: string;
  readonly port: number;
  /** `0.0.0.0` stands for every address. */
  readonly ip: string;
}

const STAND_INS = { cpu: 100, memory: 200 * 1024 * 1024 };

function requestOf(pod: Pod): PodRequest {
  const { cpu = 0, memory = 0, "ephemeral-storage": ephemeral = 0, ...others } = podRequests(pod);
  const scored = podRequests(pod, STAND_INS);
  return {
    cpuMillis: cpu,
    memoryBytes: memory,
    ephemeralBytes: ephemeral,
    scoredCpuMillis: scored.cpu ?? 0,
    scoredMemoryBytes: scored.memory ?? 0,
    others: Object.entries(others).filter(([, amount]) => amount > 0),
  };
}

/** Most pods have none. */
const NO_CLAIMS: readonly PodClaim[] = [];

function claimsOf({ metadata, spec: { volumes = [] } }: Pod): readonly PodClaim[] {
  const claims = volumes.flatMap((volume) => {
    const name = claimNameOf(metadata.name, volume);
    return name === undefined ? [] : [{ name, isEphemeral: volume.ephemeral !== undefined }];
  });
  return claims.length > 0 ? claims : NO_CLAIMS;
}

/** Nor do they have any of these. */
const NO_PORTS: readonly HostPort[] = [];

function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(isSidecar);
  const ports = [...sidecars, ...spec.containers].flatMap(({ ports: declared = [] }) =>
    declared
      .filter(({ hostPort }) => hostPort !== undefined && hostPort > 0)
      .map(({ hostPort = 0, protocol = "TCP", hostIP }) => ({ protocol, port: hostPort, ip: hostIP || "0.0.0.0" })),
  );
  return ports.length > 0 ? ports : NO_PORTS;
}

/** Pods of one controller belong together; of the others those with the same labels, which one Service selects. */
function groupOf({ pod, namespace, labels }: PodInfo): string | undefined {
  const owner = controllerOf(pod);
  if (owner) return owner.uid;
  return Object.keys(labels).length === 0 ? undefined : interned(`${namespace}/${JSON.stringify(sorted(labels))}`);
}

const sorted = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
