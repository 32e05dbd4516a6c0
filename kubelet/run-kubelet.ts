// The kubelet put together from its parts. Opens no sockets and reads no configuration: main.ts and the standalone cluster
// do, and several kubelets can run in one process.

import { pods, type Pod } from "../api/core/pod.ts";
import { nodes } from "../api/core/node.ts";
import { services } from "../api/core/service.ts";
import { runtimeClasses } from "../api/node/runtime-class.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import type { Client } from "../client/client.ts";
import { createEventRecorder, type EventRecorder } from "../client/event-recorder.ts";
import { InformerSet } from "../client/informer-set.ts";
import type { Selection } from "../client/reflector.ts";
import { sleep, type Clock } from "../lib/clock.ts";
import type { Exec } from "../lib/exec.ts";
import type { Handler } from "../lib/http.ts";
import type { Log } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import { NodeAdmission } from "./admission/node-admission.ts";
import { removeDeadContainers } from "./dead-containers.ts";
import { Evictor, type PressureSources } from "./eviction/evictor.ts";
import { ImagePuller } from "./image-puller.ts";
import { ImageCollector, type ImageCollection } from "./images/image-collector.ts";
import { PulledImages } from "./images/pulled-images.ts";
import { Kubelet } from "./kubelet.ts";
import { diskFiles, type NodeFiles } from "./node-files.ts";
import { defaultRhythm, NodeReporter, type NodeRhythm } from "./node-reporter.ts";
import { buildAllocatable, type MachineFacts, type NodeFactsInput } from "./node-status.ts";
import { ObjectReferences } from "./object-references.ts";
import { PodSteps } from "./pod-steps.ts";
import { PodTokens } from "./pod-tokens.ts";
import { Prober } from "./prober.ts";
import { probes } from "./probes/index.ts";
import { judgeResize, wantsResize } from "./resize.ts";
import { RuntimeSnapshot } from "./runtime-snapshot.ts";
import type { ContainerRuntime } from "./runtimes/runtime.ts";
import type { Usage } from "./runtimes/usage.ts";
import type { ClusterDns } from "./pod-dns.ts";
import { createKubeletHandler } from "./server/kubelet-handler.ts";
import { NodeMeter } from "./stats/measurement.ts";
import type { ManifestDirectory } from "./static-pods/manifest-directory.ts";
import { MirrorPods } from "./static-pods/mirror-pods.ts";
import { NodePods } from "./static-pods/node-pods.ts";
import { StaticPodSource } from "./static-pods/static-pod-source.ts";
import { StaticStatuses } from "./static-pods/static-statuses.ts";
import { StatusWriter } from "./status-writer.ts";
import { TerminationMessages } from "./termination-messages.ts";
import { volumePlugins } from "./volumes/index.ts";
import { ClaimedVolumes } from "./volumes/claimed-volumes.ts";
import { PodVolumes } from "./volumes/pod-volumes.ts";

export interface KubeletOptions {
  readonly client: Client;
  readonly runtime: ContainerRuntime;
  readonly nodeName: string;
  /** The node's address, which others reach its kubelet and its host-network pods at. */
  readonly nodeAddress: string;
  /** Besides Kubernetes' own labels. */
  readonly nodeLabels?: Readonly<Record<string, string>>;
  /** Where the kubelet keeps volumes and termination messages; absolute, of this node alone. */
  readonly rootDirectory: string;
  /** The disk that it is on; the machine's unless given. */
  readonly files?: NodeFiles;
  /** Puts the kubelet's own endpoint on a socket and tells its port; the node has none unless given. */
  readonly serve?: (handler: Handler) => Promise<{ readonly port: number; close(): Promise<void> }>;
  readonly machine: MachineFacts;
  /** What the kubelet was told to do, as fields of a KubeletConfiguration: for those who ask it. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** Where files say which pods run here without the API; nowhere unless given. */
  readonly staticPods?: ManifestDirectory;
  /** What the machine uses as a whole; as much as its containers unless given. */
  readonly measureMachine?: () => Promise<Usage>;
  /** How pods find the cluster's DNS; they resolve as the node does unless given. */
  readonly dns?: ClusterDns;
  /** How much there is left of what pods share, and when that is too little; nobody looks unless given. */
  readonly pressure?: PressureSources;
  /** When unused images are removed; only where the node is short of disk unless given. */
  readonly imageCollection?: ImageCollection;
  /** Kubernetes' own unless given. */
  readonly rhythm?: NodeRhythm;
  /** Parameters of the kernel that pods may set besides the safe ones: names, or beginnings of names with a `*`. */
  readonly allowedUnsafeSysctls?: readonly string[];
  /** How many processes and threads each container may have; 4096 unless given, -1 for as many as the node. */
  readonly podPidsMax?: number;
  /** Image pulls at the same time; 5 unless given. */
  readonly pullConcurrency?: number;
  readonly exec: Pick<Exec, "run">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Of process ids, a node has 32768 at least: one container that forks without end leaves the others enough. */
const PIDS_MAX = 4096;
/** How long the first report of the node waits for the runtime's first answer. */
const FIRST_ANSWER_MS = 1000;

/** Runs until `signal` is aborted and everything has stopped. The containers go on running. Rejects when it cannot start. */
export async function runKubelet(options: KubeletOptions, signal: AbortSignal): Promise<void> {
  const { clock, serve, nodeName } = options;
  const log = options.log.with({ node: nodeName });
  const parts = buildParts({ ...options, log }, signal);
  const { kubelet, snapshot, informers, references, evictor, collector, prober } = parts;
  const meter = new NodeMeter({ ...options, snapshot });
  const { configuration = {}, pressure } = options;
  const told = { ...options, configuration, log, observe: pressure?.observe };
  const server = await serve?.(createKubeletHandler({ ...told, kubelet, snapshot, meter, prober }));
  const reporter = new NodeReporter({
    ...options,
    log,
    node: describeNode(options, server?.port ?? 0),
    rhythm: options.rhythm ?? defaultRhythm,
    problem: () => snapshot.problem,
    pressure: () => evictor.conditions,
    observed: () => informers.informer(nodes).get({ name: nodeName }),
  });
  const report = async () => {
    await Promise.race([snapshot.refresh(), sleep(clock, FIRST_ANSWER_MS, signal).catch(() => undefined)]);
    await reporter.run(signal);
  };
  await Promise.all([
    report(),
    kubelet.run(signal),
    parts.writer.run(signal),
    parts.source?.run(signal),
    parts.mirrors.run(signal),
    evictor.run(signal),
    collector.run(signal),
  ]);
  await Promise.all([informers.stopped(), references.stopped(), server?.close()]);
}

function describeNode(options: KubeletOptions, port: number): NodeFactsInput {
  const { nodeName, nodeAddress, nodeLabels = {}, machine, runtime } = options;
  return { name: nodeName, addresses: [nodeAddress], labels: nodeLabels, port, machine, runtime };
}

function buildParts(options: KubeletOptions, signal: AbortSignal) {
  const { runtime, nodeName, nodeAddress, rootDirectory, files = diskFiles, machine, exec, clock } = options;
  const node = { name: nodeName, hostIPs: [nodeAddress], runtimeName: runtime.name };
  const events = createEventRecorder({ ...options, component: "kubelet", host: nodeName }, signal);
  const informers = new InformerSet(options, signal, selectNode(nodeName));
  const snapshot = new RuntimeSnapshot({ runtime, clock }, signal);
  const references = new ObjectReferences(options, (uid) => kubelet.referenceChanged(uid), signal);
  const tokens = new PodTokens(options, (uid) => kubelet.referenceChanged(uid));
  signal.addEventListener("abort", () => tokens.stop(), { once: true });
  const claims = new ClaimedVolumes(options.client);
  const volumes = new PodVolumes({ plugins: volumePlugins, claims, rootDirectory, files, events, exec });
  const messages = new TerminationMessages({ rootDirectory, runtime, files }, signal);
  const known = buildPods(options, informers, events);
  const { statuses: status } = known;
  const prober = new Prober({ ...options, snapshot, probes, hostIP: nodeAddress, events }, signal);
  const pulled = new PulledImages({ rootDirectory, files });
  const steps = new PodSteps({
    runtime,
    snapshot,
    images: new ImagePuller({
      images: runtime.images,
      pulled,
      events,
      clock,
      concurrency: options.pullConcurrency ?? 5,
    }),
    volumes,
    references,
    tokens,
    services: informers.informer(services),
    runtimeClasses: () => informers.informer(runtimeClasses),
    messages,
    status,
    events,
    clock,
    node,
    ...describeRoom({ ...options, files }),
  });
  const perform: PodSteps["perform"] = (step, pod, stepSignal) => steps.perform(step, pod, stepSignal);
  const admission = buildAdmission(options, informers, known.nodePods);
  const judge = resizeJudge(machine, () => kubelet.list());
  const kubelet: Kubelet = new Kubelet({
    ...options,
    files,
    pods: known.nodePods,
    snapshot,
    references,
    tokens,
    volumes,
    refuse: (pod) => evictor.refuse(pod) ?? admission.refuse(pod),
    worker: { node, prober, status, messages, perform, judgeResize: judge, events, clock, log: options.log },
  });
  const collector = new ImageCollector({
    ...options,
    images: runtime.images,
    pulled,
    snapshot,
    pods: () => kubelet.list(),
    collection: options.imageCollection,
    events,
  });
  const makeRoom = async (until: AbortSignal) => {
    await removeDeadContainers({ snapshot, runtime }, kubelet.list(), until);
    await collector.removeUnused(until);
  };
  const evictor: Evictor = new Evictor({ ...options, kubelet, snapshot, volumes, events, makeRoom });
  return { ...known, kubelet, snapshot, informers, references, evictor, collector, prober };
}

/** Those of the API, and those of the node's own files. */
function buildPods(options: KubeletOptions, informers: InformerSet, events: EventRecorder) {
  const { staticPods: directory } = options;
  const api = informers.informer(pods);
  const writer = new StatusWriter(options);
  const source = directory && new StaticPodSource({ ...options, directory, events });
  const statuses = source ? new StaticStatuses({ writer, api, source }) : writer;
  const mirrors = new MirrorPods({ ...options, api, source });
  return { nodePods: new NodePods(api, source), writer, source, statuses, mirrors };
}

/** What the node has for its pods. */
function describeRoom({ dns, files, rootDirectory, machine, podPidsMax = PIDS_MAX }: KubeletOptions & Files) {
  return {
    dns: dns ?? { servers: [], domain: "cluster.local" },
    files,
    rootDirectory,
    allocatable: buildAllocatable(machine),
    memoryBytes: machine.memoryBytes,
    securityModules: machine.securityModules ?? [],
    pidsMax: podPidsMax,
  };
}

type Files = Required<Pick<KubeletOptions, "files">>;

function buildAdmission(options: KubeletOptions, informers: InformerSet, nodePods: NodePods): NodeAdmission {
  const { machine, allowedUnsafeSysctls = [] } = options;
  const hasAppArmor = machine.securityModules?.includes("apparmor") ?? false;
  return new NodeAdmission({
    node: describeNode(options, 0),
    nodes: informers.informer(nodes),
    pods: nodePods,
    rules: { allowedUnsafeSysctls, hasAppArmor },
  });
}

function resizeJudge(machine: MachineFacts, list: () => readonly Pod[]) {
  const allocatable = buildAllocatable(machine);
  return (pod: Pod) => {
    // Most pods want none, and need not be held against all others.
    if (!wantsResize(pod)) return undefined;
    return judgeResize(pod, {
      allocatable,
      others: list().filter(({ metadata }) => metadata.uid !== pod.metadata.uid),
    });
  };
}

/** Of the pods, this kubelet sees those of its node only, and of the nodes its own. */
const selectNode = (nodeName: string) =>
  new Map<ResourceDefinition, Selection>([
    [pods, { fieldSelector: `spec.nodeName=${nodeName}` }],
    [nodes, { fieldSelector: `metadata.name=${nodeName}` }],
  ]);
