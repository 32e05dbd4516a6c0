// Disks that only one pod can have, or only one that writes: a claim with the mode ReadWriteOncePod is used by no other pod,
// and some kinds of disks that a pod names itself are used by no other pod of the node.

import type { Volume } from "../../api/core/volume.ts";
import { type Rejection, type SchedulerPlugin, type TopologyAnswers } from "../framework.ts";
import { RESTRICTED_DISKS, type PodInfo } from "../pod-info.ts";
import type { Snapshot } from "../snapshot.ts";
import { claimsUnchanged } from "../volumes/pod-claims.ts";

const DISK_CONFLICT = ["node(s) had no available disk"];
const CLAIM_CONFLICT = ["node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"];

const FREE: TopologyAnswers = {};
/** The same of every node. */
const IN_USE: TopologyAnswers = { filter: (): Rejection => CLAIM_CONFLICT, sums: [] };

export const volumeRestrictions: SchedulerPlugin = {
  name: "VolumeRestrictions",
  unblockedBy: ["NodeAdded", "PodRemoved", "Claim"],
  prepare(pod, snapshot) {
    const disks = disksOf(pod);
    if (pod.claims.length === 0 && disks.length === 0) return undefined;
    const exclusive = exclusiveClaims(pod, snapshot);
    return {
      isCurrent: claimsUnchanged(pod, snapshot.storage),
      ...(disks.length > 0 && {
        filter({ name }) {
          for (const other of snapshot.podsOn(name)) if (conflicts(disks, disksOf(other))) return DISK_CONFLICT;
          return undefined;
        },
      }),
      ...(exclusive.length > 0 && {
        topology: {
          answers: () => (exclusive.some((name) => snapshot.claimUse.isUsed(pod.namespace, name)) ? IN_USE : FREE),
        },
      }),
    };
  },
};

const exclusiveClaims = ({ namespace, claims }: PodInfo, { storage }: Snapshot): readonly string[] =>
  claims
    .map(({ name }) => name)
    .filter((name) => storage.claim(namespace, name)?.spec.accessModes?.includes("ReadWriteOncePod"));

const NO_DISKS: readonly Volume[] = [];

function disksOf({ pod: { spec } }: PodInfo): readonly Volume[] {
  const disks = spec.volumes?.filter((volume) => RESTRICTED_DISKS.some((source) => volume[source]));
  return disks && disks.length > 0 ? disks : NO_DISKS;
}

const conflicts = (disks: readonly Volume[], others: readonly Volume[]) =>
  disks.some((disk) => others.some((other) => isSameDisk(disk, other)));

/** All but the disks of AWS can be read by several. */
function isSameDisk(a: Volume, b: Volume): boolean {
  if (a.gcePersistentDisk && b.gcePersistentDisk) {
    return (
      a.gcePersistentDisk.pdName === b.gcePersistentDisk.pdName && writes(a.gcePersistentDisk, b.gcePersistentDisk)
    );
  }
  if (a.awsElasticBlockStore && b.awsElasticBlockStore) {
    return a.awsElasticBlockStore.volumeID === b.awsElasticBlockStore.volumeID;
  }
  if (a.iscsi && b.iscsi) return a.iscsi.iqn === b.iscsi.iqn && writes(a.iscsi, b.iscsi);
  return a.rbd !== undefined && b.rbd !== undefined && isSameImage(a.rbd, b.rbd) && writes(a.rbd, b.rbd);
}

interface ReadOnly {
  readonly readOnly?: boolean;
}

const writes = (a: ReadOnly, b: ReadOnly) => !(a.readOnly && b.readOnly);

type Image = NonNullable<Volume["rbd"]>;

const isSameImage = (a: Image, b: Image) =>
  a.pool === b.pool && a.image === b.image && a.monitors.some((monitor) => b.monitors.includes(monitor));
