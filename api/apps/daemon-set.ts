// DaemonSet: one pod on every node that fits. Its rules are in validate-daemon-set.ts.

import { validateDaemonSet } from "./validate-daemon-set.ts";
import { podTemplateSpec, type PodTemplateSpec } from "../core/pod-template.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { templateColumns } from "../core/template-columns.ts";
import { withGeneration } from "../meta/generation.ts";
import { renderLabels } from "../meta/labels.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
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

export const rollingUpdateDaemonSet = object(
  "io.k8s.api.apps.v1.RollingUpdateDaemonSet",
  "How many nodes a rolling update takes at a time.",
  {
    maxUnavailable: optional(
      1,
      intOrString(),
      "How many nodes may be without an available pod during an update, as a number or as a percentage (rounded up); 1 unless given. Not 0 if maxSurge is 0.",
    ),
    maxSurge: optional(
      2,
      intOrString(),
      "How many nodes may have the new pod beside an available old one, as a number or as a percentage (rounded up); 0 unless given. Not 0 if maxUnavailable is 0.",
    ),
  },
);
export interface RollingUpdateDaemonSet extends Infer<typeof rollingUpdateDaemonSet> {}

export const daemonSetUpdateStrategy = completed(
  object("io.k8s.api.apps.v1.DaemonSetUpdateStrategy", "How pods are replaced when the template changes.", {
    type: optional(
      1,
      string(),
      "RollingUpdate (the default) replaces pods step by step; OnDelete waits until they are deleted.",
    ),
    rollingUpdate: optional(2, rollingUpdateDaemonSet, "How large the steps are. Only for RollingUpdate."),
  }),
  (draft) => {
    draft.type ||= "RollingUpdate";
    if (draft.type !== "RollingUpdate") return;
    draft.rollingUpdate ??= {};
    draft.rollingUpdate.maxUnavailable ??= 1;
    draft.rollingUpdate.maxSurge ??= 0;
  },
);
export interface DaemonSetUpdateStrategy extends Infer<typeof daemonSetUpdateStrategy> {}

export const daemonSetSpec = completed(
  object("io.k8s.api.apps.v1.DaemonSetSpec", "Which pod the nodes are to run, and how it is replaced.", {
    selector: lenient(
      required(
        1,
        labelSelector,
        "Selects the pods that belong to the daemon set. It must match the template's labels and cannot be changed.",
      ),
    ),
    template: presentRequired(
      2,
      podTemplateSpec,
      "What the pods are made from. Its node selector and affinity choose the nodes. Its restart policy can only be Always.",
    ),
    updateStrategy: present(3, daemonSetUpdateStrategy, "How pods are replaced when the template changes."),
    minReadySeconds: optional(
      4,
      int32(),
      "How many seconds a new pod must be ready, with no container failing, to count as available. 0 unless given.",
    ),
    revisionHistoryLimit: optional(6, int32(), "How many old revisions are kept for going back; 10 unless given."),
  }),
  (draft) => {
    draft.revisionHistoryLimit ??= 10;
  },
);
export interface DaemonSetSpec extends Infer<typeof daemonSetSpec> {}

export const daemonSetCondition = object(
  "io.k8s.api.apps.v1.DaemonSetCondition",
  "One aspect of a daemon set's state.",
  {
    type: required(1, string(), "The name of the aspect."),
    status: required(2, oneOf("True", "False", "Unknown"), "Whether the condition holds: True, False or Unknown."),
    lastTransitionTime: optional(3, time(), "When the status last changed from one value to another."),
    reason: optional(4, string(), "Why it changed, in one CamelCase word."),
    message: optional(5, string(), "Why it changed, in words."),
  },
);
export interface DaemonSetCondition extends Infer<typeof daemonSetCondition> {}

export const daemonSetStatus = object("io.k8s.api.apps.v1.DaemonSetStatus", "How far a daemon set has come.", {
  currentNumberScheduled: required(1, int32(), "How many nodes run the pod and are to."),
  numberMisscheduled: required(2, int32(), "How many nodes run the pod and are not to."),
  desiredNumberScheduled: required(3, int32(), "How many nodes are to run the pod."),
  numberReady: required(4, int32(), "How many nodes that are to run the pod have it, and it is ready."),
  observedGeneration: optional(5, int64(), "The generation that the controller has acted on."),
  updatedNumberScheduled: optional(6, int32(), "How many nodes run the pod made from the newest template."),
  numberAvailable: optional(7, int32(), "How many nodes have the pod, ready for at least minReadySeconds."),
  numberUnavailable: optional(8, int32(), "How many nodes are to run the pod and have none that is available."),
  collisionCount: optional(
    9,
    int32(),
    "How often the name of a new revision was taken; part of what names are made from.",
  ),
  conditions: optional(
    10,
    listMap(daemonSetCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
    "The daemon set's conditions.",
  ),
});
export interface DaemonSetStatus extends Infer<typeof daemonSetStatus> {}

export const daemonSet = kubeObject(
  "io.k8s.api.apps.v1.DaemonSet",
  "Runs one pod on every node that the template fits.",
  {
    spec: present(2, daemonSetSpec, "What the daemon set is to be."),
    status: present(3, daemonSetStatus, "How far it has come. It may be a little behind."),
  },
);
export interface DaemonSet extends Infer<typeof daemonSet> {}

const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

/** How often the template has changed: a number that older clients look at. It is the server's, wherever it is written. */
function withTemplateGeneration(daemonSet: DaemonSet, generation: number): DaemonSet {
  const { metadata } = daemonSet;
  const annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
  return { ...daemonSet, metadata: { ...metadata, annotations } };
}

function templateGenerationOf({ metadata }: DaemonSet): number {
  const text = metadata.annotations?.[TEMPLATE_GENERATION] ?? "";
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
}

const NOTHING_YET = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };

function prepareDaemonSet(daemonSet: DaemonSet, old?: DaemonSet): DaemonSet {
  const counted = withGeneration({ ...daemonSet, status: old ? old.status : NOTHING_YET }, old, ({ spec }) => spec);
  if (!old) return withTemplateGeneration(counted, Math.max(templateGenerationOf(daemonSet), 1));
  const isChanged = !semanticEqual(templateOf(daemonSet), templateOf(old));
  return withTemplateGeneration(counted, templateGenerationOf(old) + (isChanged ? 1 : 0));
}

const templateOf = ({ spec }: DaemonSet): PodTemplateSpec => spec.template;

export const daemonSets: ResourceDefinition<DaemonSet> = {
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  plural: "daemonsets",
  shortNames: ["ds"],
  categories: ["all"],
  scope: "Namespaced",
  schema: daemonSet,
  subresources: ["status"],
  validate: validateDaemonSet,
  columns: [
    nameColumn,
    column(
      "Desired",
      { type: "integer", description: "How many nodes are to run the pod." },
      ({ status }) => status.desiredNumberScheduled,
    ),
    column(
      "Current",
      { type: "integer", description: "How many of them have the pod." },
      ({ status }) => status.currentNumberScheduled,
    ),
    column(
      "Ready",
      { type: "integer", description: "How many of them have the pod, and it is ready." },
      ({ status }) => status.numberReady,
    ),
    column(
      "Up-to-date",
      { type: "integer", description: "How many of them have the pod made from the newest template." },
      ({ status }) => status.updatedNumberScheduled ?? 0,
    ),
    column(
      "Available",
      { type: "integer", description: "How many of them have the pod, ready for at least minReadySeconds." },
      ({ status }) => status.numberAvailable ?? 0,
    ),
    column("Node Selector", { description: "The labels that a node must have to run the pod." }, ({ spec }) =>
      renderLabels(spec.template?.spec.nodeSelector),
    ),
    ageColumn,
    ...templateColumns,
  ],
  prepare: prepareDaemonSet,
  prepareStatus: (daemonSet, old) => withTemplateGeneration(keepSpec(daemonSet, old), templateGenerationOf(old)),
};
