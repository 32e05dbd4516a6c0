// PodGroup: a gang of pods that are placed together or not at all. Pods join by a label. Its rules are in
// validate-pod-group.ts; the scheduler acts on it and writes its status.

import { validatePodGroup } from "./validate-pod-group.ts";
import { condition } from "../meta/condition.ts";
import { withGeneration } from "../meta/generation.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn, wideColumn } from "../meta/standard-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  int32,
  int64,
  listMap,
  object,
  oneOf,
  optional,
  required,
  string,
  present,
} from "../schema/schema.ts";

/** The label that makes a pod a member of the group of this name in its namespace. */
export const POD_GROUP_LABEL = "scheduling.kctl.dev/pod-group";

export const podGroupSpec = object(
  "dev.kctl.scheduling.v1.PodGroupSpec",
  "How the pods of the group belong together.",
  {
    minMember: required(
      1,
      int32(),
      "How many members are needed: until there are so many, none is placed, and so many are placed in one transaction.",
    ),
    maxMember: optional(
      2,
      int32(),
      "How many members may be placed at most; those above minMember are placed one by one where there is room, and give way first. No limit unless given.",
    ),
    scheduleTimeoutSeconds: optional(
      3,
      int32(),
      "How long room may be kept free for the group while it waits at the head of the line; then others come first for as long. No limit unless given.",
    ),
    queue: optional(4, string(), "The Queue that the members are charged to, where they name none themselves."),
  },
);
export interface PodGroupSpec extends Infer<typeof podGroupSpec> {}

export const podGroupStatus = object("dev.kctl.scheduling.v1.PodGroupStatus", "What has become of the group.", {
  observedGeneration: optional(1, int64(), "The generation that the scheduler has acted on."),
  phase: optional(
    2,
    oneOf("Pending", "Scheduled", "Running", "Succeeded", "Failed"),
    "Pending: not placed. Scheduled: minMember members have a node. Running: so many run or have succeeded. Succeeded and Failed: no member is left that could run.",
  ),
  members: optional(3, int32(), "How many pods belong to the group."),
  scheduled: optional(4, int32(), "How many members have a node and have not ended."),
  running: optional(5, int32(), "How many members run."),
  succeeded: optional(6, int32(), "How many members have ended well."),
  failed: optional(7, int32(), "How many members have failed."),
  conditions: optional(
    8,
    listMap(condition, ["type"], { mergeKey: "type", strategy: "merge" }),
    "The group's conditions: Scheduled, with the reason why not.",
  ),
});
export interface PodGroupStatus extends Infer<typeof podGroupStatus> {}

export const podGroup = kubeObject(
  "dev.kctl.scheduling.v1.PodGroup",
  "A gang: pods that are placed together or not at all.",
  {
    spec: present(2, podGroupSpec, "How the pods belong together."),
    status: present(3, podGroupStatus, "What has become of the group. The scheduler fills it in."),
  },
);
export interface PodGroup extends Infer<typeof podGroup> {}

export const podGroups: ResourceDefinition<PodGroup> = {
  group: "scheduling.kctl.dev",
  version: "v1",
  kind: "PodGroup",
  plural: "podgroups",
  shortNames: ["pg"],
  scope: "Namespaced",
  schema: podGroup,
  subresources: ["status"],
  validate: validatePodGroup,
  columns: [
    nameColumn,
    column("Phase", { description: "What has become of the group." }, ({ status }) => status.phase ?? "Pending"),
    column(
      "Scheduled",
      { description: "How many members have a node, of those that are needed." },
      ({ spec, status }) => `${status.scheduled ?? 0}/${spec.minMember}`,
    ),
    column("Running", { type: "integer", description: "How many members run." }, ({ status }) => status.running ?? 0),
    column(
      "Queue",
      { description: "The queue that the members are charged to." },
      ({ spec }) => spec.queue ?? "<none>",
    ),
    column("Reason", { description: "Why the group is not placed." }, (group) => whyWaiting(group)?.reason ?? ""),
    ageColumn,
    wideColumn(
      "Members",
      { type: "integer", description: "How many pods there are." },
      ({ status }) => status.members ?? 0,
    ),
    wideColumn(
      "Succeeded",
      { type: "integer", description: "How many members have ended well." },
      ({ status }) => status.succeeded ?? 0,
    ),
    wideColumn("Failed", { type: "integer", description: "How many have failed." }, ({ status }) => status.failed ?? 0),
    wideColumn("Message", { description: "Why, in words." }, (group) => whyWaiting(group)?.message ?? ""),
  ],
  prepare: (group, old) => withGeneration({ ...group, status: old?.status ?? {} }, old, ({ spec }) => spec),
  prepareStatus: keepSpec,
};

const whyWaiting = ({ status }: PodGroup) =>
  status.conditions?.find((each) => each.type === "Scheduled" && each.status !== "True");
