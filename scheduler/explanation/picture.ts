// The scheduler's own picture of a cluster, built from lists of its objects: the same snapshot, rules, gangs and queues that the
// scheduler decides with.

import { storageClassOf } from "../../api/core/claim-quota.ts";
import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import { resourceAmounts } from "../../api/core/pod-resources.ts";
import { bindClaim, bindVolume, isFullyBound, volumeFinder } from "../../api/core/volume-binding.ts";
import { formatKey, keyOf } from "../../api/meta/object.ts";
import { Gangs } from "../gangs/gangs.ts";
import { PodInfo } from "../pod-info.ts";
import { amountsOf } from "../queues/amounts.ts";
import { QueueLedger } from "../queues/queue-ledger.ts";
import { QueueMembership } from "../queues/queue-membership.ts";
import { setAsidesByNode } from "../set-asides.ts";
import { Snapshot } from "../snapshot.ts";
import type { StorageView } from "../volumes/storage-view.ts";
import type { ClusterView } from "./cluster-view.ts";

export interface Picture {
  readonly view: ClusterView;
  readonly snapshot: Snapshot;
  readonly gangs: Gangs;
  readonly ledger: QueueLedger;
  readonly membership: QueueMembership;
}

export function buildPicture(view: ClusterView): Picture {
  const snapshot = new Snapshot();
  const gangs = new Gangs();
  const picture = { view, snapshot, gangs, ledger: new QueueLedger(), membership: new QueueMembership(gangs) };
  fillStorage(view, snapshot.storage);
  for (const namespace of view.namespaces) snapshot.setNamespace(namespace);
  for (const node of view.nodes) snapshot.setNode(node);
  for (const pod of view.pods)
    if (pod.spec.nodeName && !isPodTerminal(pod)) snapshot.addPod(new PodInfo(pod), pod.spec.nodeName);
  for (const [node, setAside] of setAsidesByNode(view.reservations)) snapshot.setAside(node, setAside);
  fillLines(picture);
  return picture;
}

function fillLines({ view, gangs, ledger, membership }: Picture): void {
  for (const group of view.podGroups) gangs.setGroup(formatKey(keyOf(group)), group);
  for (const queue of view.queues) ledger.setQueue(queue.metadata.name, queue);
  for (const { metadata } of view.namespaces) membership.setNamespace(metadata.name, metadata.labels);
  for (const { status } of view.nodes) ledger.addCapacity(resourceAmounts(status.allocatable), 1);
  for (const pod of view.pods) {
    gangs.setPod(pod.metadata.uid, pod);
    const queue = membership.queueOf(pod);
    if (queue !== undefined && pod.spec.nodeName && !isPodTerminal(pod))
      ledger.place(pod.metadata.uid, queue, amountsOf(pod));
  }
}

function fillStorage(view: ClusterView, storage: StorageView): void {
  for (const storageClass of view.storageClasses) storage.setClass(storageClass);
  for (const driver of view.csiDrivers) storage.setDriver(driver);
  for (const capacity of view.csiStorageCapacities) storage.setCapacity(capacity);
  for (const csiNode of view.csiNodes) storage.setCsiNode(csiNode);
  for (const volume of view.volumes) storage.setVolume(volume);
  for (const claim of view.claims) bindAtOnce(claim, view, storage);
}

/** What the volume controller is about to do: claims that wait for no pod get a volume that suits them. */
function bindAtOnce(claim: PersistentVolumeClaim, view: ClusterView, storage: StorageView): void {
  storage.setClaim(claim);
  const className = storageClassOf(claim);
  const waits = storage.storageClass(className)?.volumeBindingMode === "WaitForFirstConsumer";
  if (isFullyBound(claim) || (waits && !claim.spec.volumeName)) return;
  const volumes = view.volumes
    .map(({ metadata }) => storage.volume(metadata.name))
    .filter((each) => each !== undefined);
  const volume = volumeFinder(claim)(volumes, { labels: undefined, taken: new Set() });
  if (!volume || (claim.spec.volumeName && claim.spec.volumeName !== volume.metadata.name)) return;
  storage.setVolume(bindVolume(volume, claim));
  storage.setClaim(bindClaim(claim, volume));
}
