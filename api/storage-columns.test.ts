// What `kctl get` shows of storage, and of what limits and ranks pods.

import { expect } from "chai";
import { componentStatuses } from "./core/component-status.ts";
import { limitRanges } from "./core/limit-range.ts";
import { persistentVolumeClaims } from "./core/persistent-volume-claim.ts";
import { persistentVolumes } from "./core/persistent-volume.ts";
import { podTemplates } from "./core/pod-template-object.ts";
import { replicationControllers } from "./core/replication-controller.ts";
import { resourceQuotas } from "./core/resource-quota.ts";
import type { KubeObject } from "./meta/object.ts";
import { runtimeClasses } from "./node/runtime-class.ts";
import type { ResourceDefinition } from "./resource.ts";
import { priorityClasses } from "./scheduling/priority-class.ts";
import { csiDrivers } from "./storage/csi-driver.ts";
import { csiNodes } from "./storage/csi-node.ts";
import { csiStorageCapacities } from "./storage/csi-storage-capacity.ts";
import { storageClasses } from "./storage/storage-class.ts";
import { volumeAttachments } from "./storage/volume-attachment.ts";
import { storedObject } from "../testing/stored-object.ts";

const MINUTE_MS = 60_000;

/** The row of an object that is a minute old. */
function row<T extends KubeObject>(resource: ResourceDefinition<T>, fields: object): string {
  const object = storedObject(resource, { ...fields });
  return resource.columns.map((column) => column.cell(object, MINUTE_MS)).join(" | ");
}

const CLASS = "volume.beta.kubernetes.io/storage-class";
const template = {
  metadata: { labels: { app: "a", tier: "b" } },
  spec: {
    containers: [
      { name: "c", image: "i:1" },
      { name: "d", image: "j" },
    ],
  },
};

describe("the columns of storage and of limits", () => {
  const headings: readonly (readonly [ResourceDefinition<never>, string, string])[] = [
    [
      persistentVolumes,
      "Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|VolumeAttributesClass|Reason|Age",
      "VolumeMode",
    ],
    [
      persistentVolumeClaims,
      "Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age",
      "VolumeMode",
    ],
    [podTemplates, "Name|Containers|Images|Pod Labels", ""],
    [replicationControllers, "Name|Desired|Current|Ready|Age", "Containers|Images|Selector"],
    [resourceQuotas, "Name|Request|Limit|Age", ""],
    [limitRanges, "Name|Created At", ""],
    [componentStatuses, "Name|Status|Message|Error", ""],
    [storageClasses, "Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age", ""],
    [volumeAttachments, "Name|Attacher|PV|Node|Attached|Age", ""],
    [csiDrivers, "Name|AttachRequired|PodInfoOnMount|StorageCapacity|TokenRequests|RequiresRepublish|Modes|Age", ""],
    [csiNodes, "Name|Drivers|Age", ""],
    [csiStorageCapacities, "Name|Created At", ""],
    [runtimeClasses, "Name|Handler|Age", ""],
    [priorityClasses, "Name|Value|Global-Default|Age|PreemptionPolicy", ""],
  ] as never;
  for (const [resource, always, wide] of headings) {
    it(`of ${resource.plural} are those of kubectl`, () => {
      const names = (priority: number) =>
        resource.columns.filter((column) => column.priority === priority).map(({ name }) => name);
      expect(names(0).join("|")).to.equal(always);
      expect(names(1).join("|")).to.equal(wide);
    });
  }
});

describe("the rows of storage and of limits", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      "a bound volume",
      row(persistentVolumes, {
        spec: {
          capacity: { storage: "1Gi" },
          accessModes: ["ReadWriteOncePod", "ReadOnlyMany", "ReadWriteOnce", "ReadWriteOnce"],
          claimRef: { namespace: "n", name: "c" },
          storageClassName: "fast",
          volumeAttributesClassName: "gold",
        },
        status: { phase: "Bound", reason: "R" },
      }),
      "test | 1Gi | RWO,ROX,RWOP | Retain | Bound | n/c | fast | gold | R | 60s | Filesystem",
    ],
    [
      "a volume that goes, of an old class",
      row(persistentVolumes, {
        metadata: { deletionTimestamp: "1970-01-01T00:00:30Z", annotations: { [CLASS]: "old" } },
      }),
      "test | 0 |  | Retain | Terminating |  | old | <unset> |  | 60s | Filesystem",
    ],
    [
      "a claim that waits",
      row(persistentVolumeClaims, { status: { capacity: { storage: "1Gi" } } }),
      "test | Pending |  |  |  |  | <unset> | 60s | Filesystem",
    ],
    [
      "a bound claim",
      row(persistentVolumeClaims, {
        spec: { volumeName: "v", storageClassName: "fast", volumeMode: "Block" },
        status: { phase: "Bound", accessModes: ["ReadWriteMany"], capacity: { storage: "1Gi" } },
      }),
      "test | Bound | v | 1Gi | RWX | fast | <unset> | 60s | Block",
    ],
    ["a pod template", row(podTemplates, { template }), "test | c,d | i:1,j | app=a,tier=b"],
    [
      "a replication controller",
      row(replicationControllers, { spec: { template, replicas: 3 }, status: { replicas: 2, readyReplicas: 1 } }),
      "test | 3 | 2 | 1 | 60s | c,d | i:1,j | app=a,tier=b",
    ],
    [
      "a quota",
      row(resourceQuotas, {
        status: { hard: { "requests.cpu": "2", pods: "4", "limits.cpu": "4" }, used: { pods: "1", "limits.cpu": "1" } },
      }),
      "test | pods: 1/4, requests.cpu: 0/2 | limits.cpu: 1/4 | 60s",
    ],
    ["a limit range", row(limitRanges, {}), "test | 1970-01-01T00:00:00Z"],
    [
      "the default storage class",
      row(storageClasses, {
        metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
        provisioner: "p",
      }),
      "test (default) | p | Delete | Immediate | false | 60s",
    ],
    [
      "an attachment",
      row(volumeAttachments, { spec: { attacher: "a", nodeName: "n", source: { persistentVolumeName: "v" } } }),
      "test | a | v | n | false | 60s",
    ],
    ["a CSI driver", row(csiDrivers, {}), "test | true | false | false | <unset> | false | Persistent | 60s"],
    [
      "a CSI driver with tokens",
      row(csiDrivers, { spec: { tokenRequests: [{ audience: "a" }, { audience: "b" }] } }),
      "test | true | false | false | a,b | false | Persistent | 60s",
    ],
    ["a CSI node", row(csiNodes, { spec: { drivers: [{ name: "a", nodeID: "b" }] } }), "test | 1 | 60s"],
    ["a storage capacity", row(csiStorageCapacities, { capacity: "1Gi" }), "test | 1970-01-01T00:00:00Z"],
    ["a runtime class", row(runtimeClasses, { handler: "kata" }), "test | kata | 60s"],
    ["a priority class", row(priorityClasses, { value: 7 }), "test | 7 | false | 60s | PreemptLowerPriority"],
    ["a component of which nothing is known", row(componentStatuses, {}), "test | Unknown |  | "],
  ];
  for (const [title, shown, expected] of cases) {
    it(`show ${title} as kubectl does`, () => {
      expect(shown).to.equal(expected);
    });
  }
});
