// StatefulSet: pods with lasting names and volumes, made and replaced in order. Its rules are in validate-stateful-set.ts.

import { validateStatefulSet } from "./validate-stateful-set.ts";
import { persistentVolumeClaim } from "../core/persistent-volume-claim.ts";
import { podTemplateSpec } from "../core/pod-template.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { templateContainerColumns } from "../core/template-columns.ts";
import { withGeneration } from "../meta/generation.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  completed,
  int32,
  int64,
  intOrString,
  lenient,
  list,
  listMap,
  object,
  oneOf,
  optional,
  present,
  presentRequired,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const rollingUpdateStatefulSetStrategy = object(
  "io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy",
  "How far a rolling update goes, and how many pods it takes at a time.",
  {
    partition: optional(
      1,
      int32(),
      "Only pods with this ordinal and above are updated; 0 unless given, which means all.",
    ),
    maxUnavailable: optional(
      2,
      intOrString(),
      "How many pods may be missing during an update, as a number or as a percentage of those wanted (rounded down, but one at least); 1 unless given. Not 0.",
    ),
  },
);
export interface RollingUpdateStatefulSetStrategy extends Infer<typeof rollingUpdateStatefulSetStrategy> {}

export const statefulSetUpdateStrategy = completed(
  object("io.k8s.api.apps.v1.StatefulSetUpdateStrategy", "How pods are replaced when the template changes.", {
    type: optional(
      1,
      string(),
      "RollingUpdate (the default) replaces pods from the highest ordinal down; OnDelete waits until they are deleted.",
    ),
    rollingUpdate: optional(2, rollingUpdateStatefulSetStrategy, "How far the update goes. Only for RollingUpdate."),
  }),
  (draft) => {
    if (!draft.type) {
      draft.type = "RollingUpdate";
      draft.rollingUpdate ??= {};
    }
    if (draft.type === "RollingUpdate" && draft.rollingUpdate) draft.rollingUpdate.partition ??= 0;
  },
);
export interface StatefulSetUpdateStrategy extends Infer<typeof statefulSetUpdateStrategy> {}

export const statefulSetPersistentVolumeClaimRetentionPolicy = completed(
  object(
    "io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy",
    "What becomes of the claims made from the templates.",
    {
      whenDeleted: optional(
        1,
        string(),
        "When the stateful set is deleted: Retain (the default) keeps them, Delete deletes them with their pods.",
      ),
      whenScaled: optional(
        2,
        string(),
        "When there are to be fewer pods: Retain (the default) keeps the claims of those that go, Delete deletes them.",
      ),
    },
  ),
  (draft) => {
    draft.whenDeleted ||= "Retain";
    draft.whenScaled ||= "Retain";
  },
);
export interface StatefulSetPersistentVolumeClaimRetentionPolicy extends Infer<
  typeof statefulSetPersistentVolumeClaimRetentionPolicy
> {}

export const statefulSetOrdinals = object("io.k8s.api.apps.v1.StatefulSetOrdinals", "How the pods are numbered.", {
  start: optional(1, int32(), "The number of the first pod; 0 unless given. The others follow it without gaps."),
});
export interface StatefulSetOrdinals extends Infer<typeof statefulSetOrdinals> {}

export const statefulSetSpec = completed(
  object(
    "io.k8s.api.apps.v1.StatefulSetSpec",
    "How many pods there are to be, how they are made and named, and which volumes they keep.",
    {
      replicas: optional(1, int32(), "How many pods are wanted; 1 unless given."),
      selector: required(
        2,
        labelSelector,
        "Selects the pods that belong to the stateful set. It must match the template's labels and cannot be changed.",
      ),
      template: presentRequired(
        3,
        podTemplateSpec,
        "What the pods are made from. Each gets the name of the stateful set and its ordinal. Its restart policy can only be Always.",
      ),
      volumeClaimTemplates: optional(
        4,
        list(persistentVolumeClaim, { listType: "atomic" }),
        "What each pod's claims are made from. A claim here stands in for a volume of the same name in the template.",
      ),
      serviceName: lenient(
        required(5, string(), "The headless service, made by the user, under which the pods have their names in DNS."),
      ),
      podManagementPolicy: optional(
        6,
        string(),
        "OrderedReady (the default) makes and removes pods one after the other; Parallel does so at once.",
      ),
      updateStrategy: present(7, statefulSetUpdateStrategy, "How pods are replaced when the template changes."),
      revisionHistoryLimit: optional(8, int32(), "How many old revisions are kept for going back; 10 unless given."),
      minReadySeconds: optional(
        9,
        int32(),
        "How many seconds a new pod must be ready, with no container failing, to count as available. 0 unless given.",
      ),
      persistentVolumeClaimRetentionPolicy: present(
        10,
        statefulSetPersistentVolumeClaimRetentionPolicy,
        "What becomes of the claims made from the templates; they are kept unless it says otherwise.",
      ),
      ordinals: optional(11, statefulSetOrdinals, "How the pods are numbered; from 0 unless given."),
    },
  ),
  (draft) => {
    draft.podManagementPolicy ||= "OrderedReady";
    draft.serviceName ??= "";
    draft.replicas ??= 1;
    draft.revisionHistoryLimit ??= 10;
    // Servers say what the templates are, whatever the client said.
    for (const claim of draft.volumeClaimTemplates ?? []) {
      claim.apiVersion = "v1";
      claim.kind = "PersistentVolumeClaim";
    }
  },
);
export interface StatefulSetSpec extends Infer<typeof statefulSetSpec> {}

export const statefulSetCondition = object(
  "io.k8s.api.apps.v1.StatefulSetCondition",
  "One aspect of a stateful set's state.",
  {
    type: required(1, string(), "The name of the aspect."),
    status: required(2, oneOf("True", "False", "Unknown"), "Whether the condition holds: True, False or Unknown."),
    lastTransitionTime: optional(3, time(), "When the status last changed from one value to another."),
    reason: optional(4, string(), "Why it changed, in one CamelCase word."),
    message: optional(5, string(), "Why it changed, in words."),
  },
);
export interface StatefulSetCondition extends Infer<typeof statefulSetCondition> {}

export const statefulSetStatus = object("io.k8s.api.apps.v1.StatefulSetStatus", "How far a stateful set has come.", {
  observedGeneration: optional(1, int64(), "The generation that the controller has acted on."),
  replicas: required(2, int32(), "How many pods there are."),
  readyReplicas: optional(3, int32(), "How many of them are ready."),
  currentReplicas: optional(4, int32(), "How many of them are of the current revision."),
  updatedReplicas: optional(5, int32(), "How many of them are of the update revision."),
  currentRevision: optional(6, string(), "The revision that pods below those being updated have."),
  updateRevision: optional(7, string(), "The revision that updated pods have."),
  collisionCount: optional(
    9,
    int32(),
    "How often the name of a new revision was taken; part of what names are made from.",
  ),
  conditions: optional(
    10,
    listMap(statefulSetCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
    "The stateful set's conditions.",
  ),
  availableReplicas: optional(11, int32(), "How many of the pods have been ready for at least minReadySeconds."),
});
export interface StatefulSetStatus extends Infer<typeof statefulSetStatus> {}

export const statefulSet = kubeObject(
  "io.k8s.api.apps.v1.StatefulSet",
  "Keeps pods running that have lasting names, and volumes of their own that outlive them.",
  {
    spec: present(2, statefulSetSpec, "What the stateful set is to be."),
    status: present(3, statefulSetStatus, "How far it has come. It may be a little behind."),
  },
);
export interface StatefulSet extends Infer<typeof statefulSet> {}

const prepareStatefulSet = (statefulSet: StatefulSet, old?: StatefulSet): StatefulSet =>
  withGeneration({ ...statefulSet, status: old ? old.status : { replicas: 0 } }, old, ({ spec }) => spec);

export const statefulSets: ResourceDefinition<StatefulSet> = {
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  plural: "statefulsets",
  shortNames: ["sts"],
  categories: ["all"],
  scope: "Namespaced",
  schema: statefulSet,
  subresources: ["status", "scale"],
  validate: validateStatefulSet,
  columns: [
    nameColumn,
    column(
      "Ready",
      { description: "How many pods are ready, of how many wanted." },
      ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    ),
    ageColumn,
    ...templateContainerColumns,
  ],
  prepare: prepareStatefulSet,
  prepareStatus: keepSpec,
};
