import { expect } from "chai";
import { persistentVolumeClaims } from "./persistent-volume-claim.ts";
import { persistentVolumes } from "./persistent-volume.ts";
import { csiStorageCapacities } from "../storage/csi-storage-capacity.ts";
import { storageClasses } from "../storage/storage-class.ts";
import { storedObject } from "../../testing/stored-object.ts";

const CLASS = "volume.beta.kubernetes.io/storage-class";
const MOUNT_OPTIONS = "volume.beta.kubernetes.io/mount-options";
const zone = { key: "failure-domain.beta.kubernetes.io/zone", operator: "In", values: ["a"] };
const RENAMED =
  'failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead';

describe("the warnings about storage", () => {
  it("are none for what is up to date", () => {
    const spec = { csi: { driver: "d", volumeHandle: "h" }, persistentVolumeReclaimPolicy: "Delete" };
    expect(persistentVolumes.warnings?.(storedObject(persistentVolumes, { spec }))).to.deep.equal([]);
    const resources = { requests: { storage: "1Gi" } };
    expect(persistentVolumeClaims.warnings?.(storedObject(persistentVolumeClaims, { spec: { resources } }))).to.be
      .empty;
  });

  it("tell of annotations, policies, labels and systems that volumes should not use any more", () => {
    const volume = storedObject(persistentVolumes, {
      metadata: { annotations: { [CLASS]: "a", [MOUNT_OPTIONS]: "ro" } },
      spec: {
        persistentVolumeReclaimPolicy: "Recycle",
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [zone] }] } },
        rbd: { monitors: ["m"], image: "i" },
      },
    });
    expect(persistentVolumes.warnings?.(volume)).to.deep.equal([
      `metadata.annotations[${CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`,
      `metadata.annotations[${MOUNT_OPTIONS}]: deprecated since v1.31; use "mountOptions" attribute instead`,
      "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.",
      `spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: ${RENAMED}`,
      "spec.rbd: deprecated in v1.28, non-functional in v1.31+",
    ]);
  });

  it("tell of claims for parts of bytes", () => {
    const resources = { requests: { storage: "1500m" }, limits: { storage: "1" } };
    const claim = storedObject(persistentVolumeClaims, { spec: { resources } });
    expect(persistentVolumeClaims.warnings?.(claim)).to.deep.equal([
      'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
    ]);
  });

  it("tell of older labels in what classes and capacities say of places", () => {
    const topologies = { provisioner: "p", allowedTopologies: [{ matchLabelExpressions: [zone] }] };
    expect(storageClasses.warnings?.(storedObject(storageClasses, topologies))).to.deep.equal([
      `allowedTopologies[0].matchLabelExpressions[0].key: ${RENAMED}`,
    ]);
    const capacity = storedObject(csiStorageCapacities, { nodeTopology: { matchExpressions: [zone] } });
    expect(csiStorageCapacities.warnings?.(capacity)).to.deep.equal([
      `nodeTopology.matchExpressions[0].key: ${RENAMED}`,
    ]);
  });
});
