import { expect } from "chai";
import type { Node } from "../../api/core/node.ts";
import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import type { PersistentVolume } from "../../api/core/persistent-volume.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { Volume } from "../../api/core/volume.ts";
import type { CSIDriver } from "../../api/storage/csi-driver.ts";
import type { CSINode } from "../../api/storage/csi-node.ts";
import type { CSIStorageCapacity } from "../../api/storage/csi-storage-capacity.ts";
import type { StorageClass } from "../../api/storage/storage-class.ts";
import type { VolumeAttachment } from "../../api/storage/volume-attachment.ts";
import { asStored, newNode, newPod } from "../../testing/builders.ts";
import {
  claimVolume,
  newClaim,
  newLocalVolume,
  newStorageClass,
  newVolume,
  onlyOn,
} from "../../testing/storage-builders.ts";
import type { SchedulerPlugin } from "../framework.ts";
import { PodInfo } from "../pod-info.ts";
import { Snapshot } from "../snapshot.ts";
import { nodeVolumeLimits } from "./node-volume-limits.ts";
import { volumeBinding } from "./volume-binding.ts";
import { volumeRestrictions } from "./volume-restrictions.ts";
import { volumeZone } from "./volume-zone.ts";

interface Case {
  readonly title: string;
  /** The volumes of the pod that is judged. */
  readonly volumes: readonly Volume[];
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly disks?: readonly PersistentVolume[];
  readonly classes?: readonly StorageClass[];
  readonly fill?: (snapshot: Snapshot) => void;
  readonly labels?: Readonly<Record<string, string>>;
  /** The volumes of pods that are on the node. */
  readonly existing?: readonly (readonly Volume[])[];
  /** Reasons; none: the pod may go there. */
  readonly expected: readonly string[];
}

const podOf = (name: string, volumes: readonly Volume[]) =>
  new PodInfo(asStored<Pod>(newPod(name, { spec: { volumes: volumes } })));

function pictureOf({ claims = [], disks = [], classes = [], existing = [], labels, fill }: Case): Snapshot {
  const snapshot = new Snapshot();
  snapshot.setNode(asStored<Node>(newNode("n", { labels })));
  claims.forEach((claim) => snapshot.storage.setClaim(claim));
  disks.forEach((disk) => snapshot.storage.setVolume(disk));
  classes.forEach((storageClass) => snapshot.storage.setClass(storageClass));
  fill?.(snapshot);
  existing.forEach((each, index) => snapshot.addPod(podOf(`existing-${index}`, each), "n"));
  return snapshot;
}

function judge(plugin: SchedulerPlugin, each: Case): readonly string[] {
  const snapshot = pictureOf(each);
  const judged = plugin.prepare(podOf("new", each.volumes), snapshot);
  const node = snapshot.node("n") ?? expect.fail("the node is there");
  if (judged?.refusal !== undefined) return [judged.refusal];
  return [...(judged?.filter?.(node) ?? judged?.topology?.answers().filter?.(node) ?? [])];
}

const claim = (name: string, options: Parameters<typeof newClaim>[1] = {}, status: object = { phase: "Pending" }) =>
  asStored<PersistentVolumeClaim>({ ...newClaim(name, options), status });

/** A claim that has the volume of its own name. */
const bound = (name: string, options: Parameters<typeof newClaim>[1] = {}) =>
  claim(
    name,
    {
      ...options,
      metadata: { name, namespace: "default", annotations: { "pv.kubernetes.io/bind-completed": "yes" } },
      spec: { volumeName: name },
    },
    { phase: "Bound" },
  );
const disk = (name: string, options: Parameters<typeof newVolume>[1] = {}) =>
  asStored<PersistentVolume>({ ...newVolume(name, options), status: { phase: "Available" } });
const local = (name: string, options: Parameters<typeof newVolume>[1] = {}) =>
  asStored<PersistentVolume>({ ...newLocalVolume(name, "n", options), status: { phase: "Available" } });
const csi = (name: string, driver = "d", volumeHandle = name) =>
  disk(name, { spec: { hostPath: undefined, csi: { driver, volumeHandle } } });
const storageClass = (name: string, options: Partial<StorageClass> = {}) =>
  asStored<StorageClass>(newStorageClass(name, options));

const BIND = "node(s) didn't find available persistent volumes to bind";
const waiting = (name: string, options: Parameters<typeof newClaim>[1] = {}) =>
  claim(name, { storageClassName: "local", ...options });
const localClass = storageClass("local");
const made = (options: Partial<StorageClass> = {}) => storageClass("local", { provisioner: "d", ...options });
const capacity = (options: Partial<CSIStorageCapacity>) => (snapshot: Snapshot) => {
  snapshot.storage.setDriver(
    asStored<CSIDriver>({ metadata: { name: "d" }, spec: { storageCapacity: true } } as never),
  );
  const metadata = { name: "c", namespace: "default" };
  const nodeTopology = { matchLabels: { "kubernetes.io/hostname": "n" } };
  snapshot.storage.setCapacity(
    asStored<CSIStorageCapacity>({ metadata, storageClassName: "local", nodeTopology, ...options }),
  );
};

const bindingCases: readonly Case[] = [
  { title: "pods without claims do not matter", volumes: [], expected: [] },
  {
    title: "a bound claim is reached through its volume",
    volumes: [claimVolume("x")],
    claims: [bound("x")],
    disks: [disk("x", { spec: { nodeAffinity: onlyOn("n") } })],
    expected: [],
  },
  {
    title: "a bound claim whose volume is elsewhere",
    volumes: [claimVolume("x")],
    claims: [bound("x")],
    disks: [disk("x", { spec: { nodeAffinity: onlyOn("m") } })],
    expected: ["node(s) had volume node affinity conflict"],
  },
  {
    title: "a bound claim whose volume is gone",
    volumes: [claimVolume("x")],
    claims: [bound("x")],
    expected: ["node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"],
  },
  {
    title: "two reasons are both given",
    volumes: [claimVolume("x"), claimVolume("y")],
    claims: [bound("x"), waiting("y")],
    disks: [disk("x", { spec: { nodeAffinity: onlyOn("m") } })],
    classes: [localClass],
    expected: ["node(s) had volume node affinity conflict", BIND],
  },
  {
    title: "a missing claim",
    volumes: [claimVolume("x")],
    expected: ['persistentvolumeclaim "x" not found'],
  },
  {
    title: "a claim that is still to be made for the pod",
    volumes: [{ name: "v", ephemeral: {} }],
    expected: ['waiting for ephemeral volume controller to create the persistentvolumeclaim "new-v"'],
  },
  {
    title: "a claim of the name that was made for somebody else",
    volumes: [{ name: "v", ephemeral: {} }],
    claims: [bound("new-v")],
    expected: ["PVC default/new-v was not created for pod default/new (pod is not owner)"],
  },
  {
    title: "a lost claim",
    volumes: [claimVolume("x")],
    claims: [claim("x", { spec: { volumeName: "v" } }, { phase: "Lost" })],
    expected: ['persistentvolumeclaim "x" bound to non-existent persistentvolume "v"'],
  },
  {
    title: "a claim on its way out",
    volumes: [claimVolume("x")],
    claims: [claim("x", { metadata: { name: "x", deletionTimestamp: "2026-01-01T00:00:00Z" } })].map((each) =>
      asStored<PersistentVolumeClaim>(each, { namespace: "default" }),
    ),
    expected: ['persistentvolumeclaim "x" is being deleted'],
  },
  {
    title: "an unbound claim that the controller has to bind",
    volumes: [claimVolume("x")],
    claims: [claim("x")],
    expected: ["pod has unbound immediate PersistentVolumeClaims"],
  },
  {
    title: "an unbound claim that names its volume, whatever its class says",
    volumes: [claimVolume("x")],
    claims: [waiting("x", { spec: { volumeName: "v" } })],
    classes: [localClass],
    expected: ["pod has unbound immediate PersistentVolumeClaims"],
  },
  {
    title: "a free volume of the node",
    volumes: [claimVolume("x")],
    claims: [waiting("x")],
    classes: [localClass],
    disks: [local("v")],
    expected: [],
  },
  {
    title: "volumes that are too small, of another class, mode or label, or another's",
    volumes: [claimVolume("x")],
    claims: [waiting("x", { size: "2Gi", spec: { selector: { matchLabels: { tier: "fast" } } } })],
    classes: [localClass],
    disks: [
      local("small", { metadata: { name: "small", labels: { tier: "fast" } } }),
      local("unlabelled", { size: "2Gi" }),
      local("other", { size: "2Gi", storageClassName: "other", metadata: { name: "o", labels: { tier: "fast" } } }),
      local("block", { size: "2Gi", spec: { volumeMode: "Block" }, metadata: { name: "b", labels: { tier: "fast" } } }),
      local("many", { size: "2Gi", modes: ["ReadOnlyMany"], metadata: { name: "m", labels: { tier: "fast" } } }),
      local("taken", {
        size: "2Gi",
        spec: { claimRef: { namespace: "default", name: "y" } },
        metadata: { name: "t", labels: { tier: "fast" } },
      }),
    ],
    expected: [BIND],
  },
  {
    title: "a volume that is reserved for the claim is the only one, though it is elsewhere",
    volumes: [claimVolume("x")],
    claims: [waiting("x")],
    classes: [localClass],
    disks: [
      local("v"),
      local("mine", { spec: { claimRef: { namespace: "default", name: "x" }, nodeAffinity: onlyOn("m") } }),
    ],
    expected: [BIND],
  },
  {
    title: "a claim for which another node has been chosen",
    volumes: [claimVolume("x")],
    claims: [waiting("x", { metadata: { name: "x", annotations: { "volume.kubernetes.io/selected-node": "m" } } })].map(
      (each) => asStored<PersistentVolumeClaim>(each, { namespace: "default" }),
    ),
    classes: [made()],
    expected: [BIND],
  },
  {
    title: "a volume that can be made",
    volumes: [claimVolume("x")],
    claims: [waiting("x")],
    classes: [made()],
    expected: [],
  },
  {
    title: "a volume that cannot be made here",
    volumes: [claimVolume("x")],
    claims: [waiting("x")],
    classes: [made({ allowedTopologies: [{ matchLabelExpressions: [{ key: "zone", values: ["a"] }] }] })],
    labels: { zone: "b" },
    expected: [BIND],
  },
  {
    title: "a driver that has room",
    volumes: [claimVolume("x")],
    claims: [waiting("x")],
    classes: [made()],
    fill: capacity({ capacity: "1Gi" }),
    expected: [],
  },
  {
    title: "a driver that has room, but not in one piece",
    volumes: [claimVolume("x")],
    claims: [waiting("x")],
    classes: [made()],
    fill: capacity({ capacity: "10Gi", maximumVolumeSize: "512Mi" }),
    expected: ["node(s) did not have enough free storage"],
  },
  {
    title: "a driver that has room elsewhere",
    volumes: [claimVolume("x")],
    claims: [waiting("x")],
    classes: [made()],
    fill: capacity({ capacity: "10Gi", nodeTopology: { matchLabels: { zone: "a" } } }),
    expected: ["node(s) did not have enough free storage"],
  },
];

const zoned = (labels: Readonly<Record<string, string>>) => disk("x", { metadata: { name: "x", labels } });
const ZONE = "topology.kubernetes.io/zone";
const OLD_ZONE = "failure-domain.beta.kubernetes.io/zone";
const zoneCase = (title: string, at: [volume: object, node: object], expected: readonly string[]): Case => ({
  title,
  volumes: [claimVolume("x")],
  claims: [bound("x")],
  disks: [zoned(at[0] as Readonly<Record<string, string>>)],
  labels: at[1] as Readonly<Record<string, string>>,
  expected,
});
const NO_ZONE = ["node(s) had no available volume zone"];
const zoneCases: readonly Case[] = [
  zoneCase("the same zone", [{ [ZONE]: "a" }, { [ZONE]: "a" }], []),
  zoneCase("another zone", [{ [ZONE]: "a" }, { [ZONE]: "b" }], NO_ZONE),
  zoneCase("one of several zones", [{ [ZONE]: "a__b" }, { [ZONE]: "b" }], []),
  zoneCase("the older label, on a newer node", [{ [OLD_ZONE]: "a" }, { [ZONE]: "a" }], []),
  zoneCase("a node that knows no zones", [{ [ZONE]: "a" }, {}], []),
  zoneCase("a volume that knows no zones", [{}, { [ZONE]: "a" }], []),
];

const pd = (pdName: string, readOnly = false): Volume => ({ name: "d", gcePersistentDisk: { pdName, readOnly } });
const ebs = (volumeID: string, readOnly = false): Volume => ({
  name: "d",
  awsElasticBlockStore: { volumeID, readOnly },
});
const rbd = (image: string, monitors: readonly string[]): Volume => ({
  name: "d",
  rbd: { image, monitors: [...monitors], pool: "p" },
});
const diskCase = (title: string, mine: Volume, options: { theirs: Volume; isFree?: true }): Case => ({
  title,
  volumes: [mine],
  existing: [[options.theirs]],
  expected: options.isFree ? [] : ["node(s) had no available disk"],
});
const restrictionCases: readonly Case[] = [
  diskCase("a disk that another pod writes", pd("a"), { theirs: pd("a") }),
  diskCase("a disk that both only read", pd("a", true), { theirs: pd("a", true), isFree: true }),
  diskCase("a disk that one of both writes", pd("a", true), { theirs: pd("a") }),
  diskCase("another disk", pd("a"), { theirs: pd("b"), isFree: true }),
  diskCase("a disk of AWS, though both only read", ebs("a", true), { theirs: ebs("a", true) }),
  diskCase("an image on a server that both know", rbd("i", ["m", "n"]), { theirs: rbd("i", ["n"]) }),
  diskCase("an image on another server", rbd("i", ["m"]), { theirs: rbd("i", ["n"]), isFree: true }),
  {
    title: "a claim for one pod that another pod has",
    volumes: [claimVolume("x")],
    claims: [bound("x", { modes: ["ReadWriteOncePod"] })],
    existing: [[claimVolume("x")]],
    expected: ["node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"],
  },
  {
    title: "a claim for one pod that nobody has",
    volumes: [claimVolume("x")],
    claims: [bound("x", { modes: ["ReadWriteOncePod"] })],
    expected: [],
  },
  {
    title: "a claim for one node that another pod has",
    volumes: [claimVolume("x")],
    claims: [bound("x")],
    existing: [[claimVolume("x")]],
    expected: [],
  },
];

const limit =
  (count: number, ...attached: readonly string[]) =>
  (snapshot: Snapshot) => {
    const drivers = [{ name: "d", nodeID: "n", allocatable: { count } }];
    snapshot.storage.setCsiNode(asStored<CSINode>({ metadata: { name: "n" }, spec: { drivers } } as never));
    for (const persistentVolumeName of attached) {
      const spec = { attacher: "d", nodeName: "n", source: { persistentVolumeName } };
      const metadata = { name: persistentVolumeName };
      snapshot.storage.setAttachment(asStored<VolumeAttachment>({ metadata, spec } as never));
    }
  };
const FULL = ["node(s) exceed max volume count"];
const limited = (title: string, fill: (snapshot: Snapshot) => void, options: Partial<Case>): Case => ({
  title,
  volumes: [claimVolume("x")],
  claims: ["x", "y", "z"].map((name) => bound(name)),
  disks: ["x", "y", "z"].map((name) => csi(name)),
  fill,
  expected: [],
  ...options,
});
const limitCases: readonly Case[] = [
  limited("there is room for one more", limit(2), { existing: [[claimVolume("y")]] }),
  limited("the node is full", limit(1), { existing: [[claimVolume("y")]], expected: FULL }),
  limited("a volume that is there already takes no room", limit(1), { existing: [[claimVolume("x")]] }),
  limited("one volume of two pods counts once", limit(2), { existing: [[claimVolume("y")], [claimVolume("y")]] }),
  limited("what is attached counts though no pod uses it", limit(1, "z"), { expected: FULL }),
  limited("what is attached and used counts once", limit(2, "y"), { existing: [[claimVolume("y")]] }),
  limited("the driver knows no limit", () => undefined, { existing: [[claimVolume("y")]] }),
  limited("volumes of another driver do not count", limit(1), {
    disks: [csi("x"), csi("y", "other")],
    existing: [[claimVolume("y")]],
  }),
  limited("volumes that are still to be made count", limit(1), {
    claims: [bound("x"), waiting("y")],
    classes: [made()],
    existing: [[claimVolume("y")]],
    expected: FULL,
  }),
];

const suites: readonly (readonly [SchedulerPlugin, readonly Case[]])[] = [
  [volumeBinding, bindingCases],
  [volumeZone, zoneCases],
  [volumeRestrictions, restrictionCases],
  [nodeVolumeLimits, limitCases],
];

for (const [plugin, cases] of suites) {
  describe(plugin.name, () => {
    for (const each of cases) {
      const verdict = each.expected.length > 0 ? "turns away" : "allows";
      it(`${verdict}: ${each.title}`, () => expect(judge(plugin, each)).to.deep.equal(each.expected));
    }
  });
}
