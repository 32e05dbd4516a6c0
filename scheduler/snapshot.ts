// The scheduler's picture of the cluster: a row of numbers for each node, with the requests of the pods that are on it or were
// just sent to it. Every change touches one row and gives it a new version, so that answers about other rows can be kept.

import type { Namespace } from "../api/core/namespace.ts";
import type { Node } from "../api/core/node.ts";
import type { Pod } from "../api/core/pod.ts";
import { resourceAmounts } from "../api/core/pod-resources.ts";
import { poolOf } from "../api/kctl-scheduling/pools.ts";
import type { SetAside } from "../api/kctl-scheduling/held-back.ts";
import { semanticEqual } from "../api/meta/semantic-equal.ts";
import { Cohorts } from "./cohorts.ts";
import { Column } from "./column.ts";
import { CrashMemory } from "./crashes/crash-memory.ts";
import { buildDomains, type Domains } from "./domains.ts";
import type { ClusterChange } from "./framework.ts";
import { imagesOf, nodeInfoOf, type NodeInfo } from "./node-info.ts";
import { Nominations } from "./nominations.ts";
import { reserveOf, without } from "./node-reserve.ts";
import type { PodInfo } from "./pod-info.ts";
import { isSamePlacement } from "./same-placement.ts";
import { RowLog } from "./row-log.ts";
import { ClaimUse } from "./volumes/claim-use.ts";
import { StorageView } from "./volumes/storage-view.ts";

/** A resource's amounts by row. */
export interface ResourceColumns {
  readonly allocatable: Column;
  readonly requested: Column;
}

const resourceColumns = (): ResourceColumns => ({ allocatable: new Column(), requested: new Column() });

type Labels = Readonly<Record<string, string>>;
type LabelledNamespace = Partial<Omit<Namespace, "metadata">> & {
  readonly metadata: Partial<Namespace["metadata"]> & Pick<Namespace["metadata"], "name">;
};

const NOTHING_SET_ASIDE: readonly SetAside[] = [];

/** Labels whose domains are remembered. */
const TOPOLOGY_KEYS_MAX = 64;

/** Bound: a row for each node, an entry for each pod on a node and for each namespace. */
export class Snapshot {
  readonly cpuMillis = resourceColumns();
  readonly memoryBytes = resourceColumns();
  readonly ephemeralBytes = resourceColumns();
  readonly pods = resourceColumns();
  /** Requests with stand-ins for containers that ask for nothing. */
  readonly scoredCpuMillis = new Column();
  readonly scoredMemoryBytes = new Column();
  /** Of each row, never the same twice. */
  readonly versions = new Column();
  /** The rows whose version has changed. */
  readonly touched = new RowLog();
  /** The pods on known nodes and others, by what the rules of other pods read of them. */
  readonly cohorts = new Cohorts();
  /** Where pods have crashed. */
  readonly crashes = new CrashMemory();
  /** The claims of these pods. */
  readonly claimUse = new ClaimUse();
  /** The pods that wait for a node until others have left it. */
  readonly nominations = new Nominations((nodeName) => this.touch(nodeName));
  readonly #nodes: NodeInfo[] = [];
  readonly #byName = new Map<string, NodeInfo>();
  /** The pods of each node by uid, also of nodes that are not known yet or any more. */
  readonly #podsByNode = new Map<string, Map<string, PodInfo>>();
  /** Also of nodes that are not known. */
  readonly #setAsides = new Map<string, readonly SetAside[]>();
  readonly #nodeOfPod = new Map<string, string>();
  readonly #imageNodes = new Map<string, number>();
  readonly #namespaceLabels = new Map<string, Labels>();
  readonly #domains = new Map<string, Domains>();
  #version = 0;
  #shape = 0;
  #topologyVersion = 0;

  constructor(readonly storage = new StorageView()) {}

  /** In row order. */
  get nodes(): readonly NodeInfo[] {
    return this.#nodes;
  }

  /** Changes with every change of the snapshot. */
  get version(): number {
    return this.#version;
  }

  /**
   * Changes when nodes come or go, the images on any of them change, or a namespace is bound to another pool: what judges may
   * know besides the pod and the node.
   */
  get shape(): number {
    return this.#shape;
  }

  /** Changes when nodes come or go, their labels or taints change, or the labels of a namespace do. */
  get topologyVersion(): number {
    return this.#topologyVersion;
  }

  /** The domains that the label divides the nodes into. Valid until `topologyVersion` changes. */
  domains(topologyKey: string): Domains {
    const known = this.#domains.get(topologyKey);
    if (known) return known;
    if (this.#domains.size === TOPOLOGY_KEYS_MAX) this.#domains.clear();
    const domains = buildDomains(this.#nodes, topologyKey);
    this.#domains.set(topologyKey, domains);
    return domains;
  }

  /** The labels of the namespaces that are known. */
  get namespaces(): ReadonlyMap<string, Labels> {
    return this.#namespaceLabels;
  }

  /** None while the namespace is not known. */
  namespaceLabels(name: string): Labels {
    return this.#namespaceLabels.get(name) ?? {};
  }

  node(name: string): NodeInfo | undefined {
    return this.#byName.get(name);
  }

  /** How many nodes have the image. */
  nodesWithImage(image: string): number {
    return this.#imageNodes.get(image) ?? 0;
  }

  /** The pods on a node, or on their way to it. */
  podsOn(nodeName: string): Iterable<PodInfo> {
    return this.#podsByNode.get(nodeName)?.values() ?? [];
  }

  /** Adds or updates a node; returns what changed of it that may make room for pods. A heartbeat changes nothing. */
  setNode(node: Node): readonly ClusterChange[] {
    const known = this.#byName.get(node.metadata.name);
    if (!known) {
      this.#addNode(node);
      return ["NodeAdded"];
    }
    const changes = changesBetween(known.node, node);
    const sameImages = semanticEqual(known.node.status.images, node.status.images);
    known.node = node;
    if (!sameImages) this.#setImages(known, imagesOf(node));
    if (changes.includes("NodeCapacity")) this.#setAllocatable(known);
    if (changes.includes("NodeLabels") || changes.includes("NodeTaints")) this.#changeTopology();
    if (changes.length > 0) this.#touch(known);
    return changes;
  }

  /** What the node keeps for roles from now on. */
  setAside(nodeName: string, setAside: readonly SetAside[]): void {
    if (setAside.length > 0) this.#setAsides.set(nodeName, setAside);
    else this.#setAsides.delete(nodeName);
    const node = this.#byName.get(nodeName);
    if (!node) return;
    this.#setAllocatable(node);
    this.#touch(node);
  }

  /** Adds or updates a namespace; returns what changed that may let pods fit. */
  setNamespace({ metadata }: LabelledNamespace): readonly ClusterChange[] {
    const { name, labels = {} } = metadata;
    const before = this.namespaceLabels(name);
    if (semanticEqual(before, labels)) return [];
    if (poolOf(before) !== poolOf(labels)) this.#shape++;
    this.#namespaceLabels.set(name, labels);
    this.#changeTopology();
    return ["NamespaceLabels"];
  }

  /** A namespace goes after its pods, so that nothing depends on it any more. */
  removeNamespace(name: string): void {
    if (poolOf(this.namespaceLabels(name)) !== undefined) this.#shape++;
    this.#namespaceLabels.delete(name);
  }

  /** Forgets the node; its pods are kept, for the case that it comes back. */
  removeNode(name: string): void {
    const gone = this.#byName.get(name);
    const last = this.#nodes.at(-1);
    if (!gone || !last) return;
    this.#byName.delete(name);
    this.#setImages(gone, new Map());
    this.#nodes.pop();
    this.#shape++;
    this.#changeTopology();
    if (last === gone) return;
    last.row = gone.row;
    this.#nodes[gone.row] = last;
    this.#fillRow(last);
  }

  /**
   * The pod is on the node, or on its way there; a pod that was on another node moves. Returns what changed that may let other
   * pods fit: nothing, if the pod was there already and is what it was.
   */
  addPod(pod: PodInfo, nodeName: string): readonly ClusterChange[] {
    const isHere = this.#nodeOfPod.get(pod.uid) === nodeName;
    const known = isHere ? this.#podsByNode.get(nodeName)?.get(pod.uid) : undefined;
    const isSame = known?.cohortKey === pod.cohortKey && semanticEqual(known.request, pod.request);
    if (isSame && known.startedMs === pod.startedMs) return [];
    if (isSame) return this.#replace(pod, nodeName);
    const wasThere = this.removePod(pod.uid) !== undefined;
    const pods = this.#podsByNode.get(nodeName) ?? new Map<string, PodInfo>();
    pods.set(pod.uid, pod);
    this.#podsByNode.set(nodeName, pods);
    this.#nodeOfPod.set(pod.uid, nodeName);
    this.cohorts.add(pod, nodeName);
    this.claimUse.add(pod);
    const node = this.#byName.get(nodeName);
    if (node) this.#recount(node, pod, 1);
    return wasThere ? ["PodAdded", "PodRemoved"] : ["PodAdded"];
  }

  /** Whether the pod is on its node already and is what it was in all that counts; what is kept of it is now this version. */
  renewPod(pod: Pod): boolean {
    const known = this.#podsByNode.get(pod.spec.nodeName ?? "")?.get(pod.metadata.uid);
    if (!known || !isSamePlacement(known.pod, pod)) return false;
    known.renew(pod);
    return true;
  }

  /** Returns the name of the node that the pod was on. */
  removePod(uid: string): string | undefined {
    const nodeName = this.#nodeOfPod.get(uid);
    if (nodeName === undefined) return undefined;
    this.#nodeOfPod.delete(uid);
    const pods = this.#podsByNode.get(nodeName);
    const pod = pods?.get(uid);
    pods?.delete(uid);
    if (pod) this.cohorts.remove(pod, nodeName);
    if (pod) this.claimUse.remove(pod);
    if (pods?.size === 0) this.#podsByNode.delete(nodeName);
    const node = this.#byName.get(nodeName);
    if (!node || !pod) return nodeName;
    this.#recount(node, pod, -1);
    return nodeName;
  }

  /** The same to all rules; not so to those who choose which pods to push out. */
  #replace(pod: PodInfo, nodeName: string): readonly ClusterChange[] {
    this.#podsByNode.get(nodeName)?.set(pod.uid, pod);
    this.touch(nodeName);
    return [];
  }

  #addNode(node: Node): void {
    const info = nodeInfoOf(node, this.#nodes.length);
    this.#nodes.push(info);
    this.#byName.set(info.name, info);
    this.#countImages(info.images, 1);
    for (const pod of this.podsOn(info.name)) this.#countDetails(info, pod, 1);
    this.#fillRow(info);
    this.#shape++;
    this.#changeTopology();
  }

  /** Writes the node's numbers into its row, whoever's they were before. */
  #fillRow(info: NodeInfo): void {
    const { row } = info;
    for (const { requested } of [this.cpuMillis, this.memoryBytes, this.ephemeralBytes, this.pods])
      requested.set(row, 0);
    this.scoredCpuMillis.set(row, 0);
    this.scoredMemoryBytes.set(row, 0);
    for (const pod of this.podsOn(info.name)) this.#countNumbers(row, pod, 1);
    this.#setAllocatable(info);
    this.#touch(info);
  }

  #setAllocatable(info: NodeInfo): void {
    const offered = resourceAmounts(info.node.status.allocatable);
    info.reserve = reserveOf(this.#setAsides.get(info.name) ?? NOTHING_SET_ASIDE, this.podsOn(info.name));
    info.allocatable = info.reserve ? without(offered, info.reserve.held) : offered;
    const { cpu = 0, memory = 0, "ephemeral-storage": ephemeral = 0, pods = 0 } = info.allocatable;
    this.cpuMillis.allocatable.set(info.row, cpu);
    this.memoryBytes.allocatable.set(info.row, memory);
    this.ephemeralBytes.allocatable.set(info.row, ephemeral);
    this.pods.allocatable.set(info.row, pods);
  }

  #setImages(info: NodeInfo, images: ReadonlyMap<string, number>): void {
    this.#countImages(info.images, -1);
    info.images = images;
    this.#countImages(images, 1);
    this.#shape++;
    this.#version++;
  }

  #countImages(images: ReadonlyMap<string, number>, sign: 1 | -1): void {
    for (const name of images.keys()) countIn(this.#imageNodes, name, sign);
  }

  #recount(node: NodeInfo, pod: PodInfo, sign: 1 | -1): void {
    this.#count(node, pod, sign);
    if (node.reserve && pod.role !== undefined) this.#setAllocatable(node);
    this.#touch(node);
  }

  #count(info: NodeInfo, pod: PodInfo, sign: 1 | -1): void {
    this.#countNumbers(info.row, pod, sign);
    this.#countDetails(info, pod, sign);
  }

  #countNumbers(row: number, { request }: PodInfo, sign: 1 | -1): void {
    this.cpuMillis.requested.add(row, sign * request.cpuMillis);
    this.memoryBytes.requested.add(row, sign * request.memoryBytes);
    this.ephemeralBytes.requested.add(row, sign * request.ephemeralBytes);
    this.pods.requested.add(row, sign);
    this.scoredCpuMillis.add(row, sign * request.scoredCpuMillis);
    this.scoredMemoryBytes.add(row, sign * request.scoredMemoryBytes);
  }

  #countDetails(info: NodeInfo, { request, ports }: PodInfo, sign: 1 | -1): void {
    for (const [resource, amount] of request.others) countIn(info.otherRequests, resource, sign * amount);
    for (const port of ports) {
      if (sign > 0) info.ports.add(port);
      else info.ports.remove(port);
    }
  }

  #changeTopology(): void {
    this.#domains.clear();
    this.#topologyVersion++;
    this.#version++;
  }

  /** What is known of the node besides its object and its pods has changed. */
  touch(nodeName: string): void {
    const node = this.#byName.get(nodeName);
    if (node) this.#touch(node);
  }

  #touch({ row }: NodeInfo): void {
    this.versions.set(row, ++this.#version);
    this.touched.record(row);
  }
}

/** Names without an amount are left out, so that the map holds only what is there. */
function countIn(counts: Map<string, number>, name: string, amount: number): void {
  const count = (counts.get(name) ?? 0) + amount;
  if (count === 0) counts.delete(name);
  else counts.set(name, count);
}

function changesBetween(before: Node, after: Node): readonly ClusterChange[] {
  const changes: ClusterChange[] = [];
  if (!semanticEqual(before.status.allocatable, after.status.allocatable)) changes.push("NodeCapacity");
  if (!semanticEqual(before.metadata.labels, after.metadata.labels)) changes.push("NodeLabels");
  const taintsOf = ({ spec }: Node) => [spec.taints, spec.unschedulable ?? false];
  if (!semanticEqual(taintsOf(before), taintsOf(after))) changes.push("NodeTaints");
  return changes;
}
