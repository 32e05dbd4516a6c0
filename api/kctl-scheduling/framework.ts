// Framework: a scheduler of somebody's own that is offered what is free and starts its tasks there, as in Mesos. Its rules are
// in validate-framework.ts; the scheduler makes the offers and writes the status.

import { validateFramework } from "./validate-framework.ts";
import { condition } from "../meta/condition.ts";
import { withGeneration } from "../meta/generation.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn, wideColumn } from "../meta/standard-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  byDefault,
  int32,
  int64,
  listMap,
  map,
  microTime,
  object,
  optional,
  present,
  quantity,
  required,
  set,
  string,
} from "../schema/schema.ts";
import { renderAmounts } from "./render-amounts.ts";

export const frameworkSpec = object("dev.kctl.scheduling.v1.FrameworkSpec", "What the framework is offered.", {
  role: required(
    1,
    string(),
    "The role that the framework stands for, such as eng/web, a part of eng. Frameworks of a role share alike.",
  ),
  owner: optional(
    2,
    string(),
    "The user that answers the offers, such as system:serviceaccount:batch:spark; who has created the framework unless given.",
  ),
  namespaces: required(
    3,
    set(string()),
    "Where the framework may start tasks, as far as its owner may create pods there.",
  ),
  suppressed: optional(
    4,
    boolean(),
    "True: the framework needs nothing now and gets no offers. Reviving it ends this.",
  ),
  minimum: optional(
    5,
    map(quantity()),
    "The least that an offer holds, by resource; a hundredth of a core and 32Mi of memory unless given.",
  ),
  limit: optional(6, map(quantity()), "The most that the framework holds, by resource, in tasks and offers."),
  offerTimeoutSeconds: byDefault(
    30,
    optional(7, int32(), "How long an offer waits for an answer, from 1 to 3600 seconds. 30 unless given."),
  ),
  failoverTimeoutSeconds: byDefault(
    300,
    optional(
      8,
      int32(),
      "After how many seconds of silence about its offers a framework counts as gone, and gets no more of them until it is heard of again. 300 unless given.",
    ),
  ),
});
export interface FrameworkSpec extends Infer<typeof frameworkSpec> {}

export const offerCounts = object("dev.kctl.scheduling.v1.OfferCounts", "How many offers came to which end.", {
  accepted: optional(1, int64(), "Offers that tasks were started on."),
  declined: optional(2, int64(), "Offers that the framework did not want."),
  rescinded: optional(3, int64(), "Offers that were taken back, since another scheduler used what they held, say."),
  expired: optional(4, int64(), "Offers that the framework has not answered in time."),
});
export interface OfferCounts extends Infer<typeof offerCounts> {}

export const frameworkStatus = object("dev.kctl.scheduling.v1.FrameworkStatus", "What the framework has.", {
  observedGeneration: optional(1, int64(), "The generation that the scheduler has acted on."),
  allocated: optional(2, map(quantity()), "What the framework's tasks ask for."),
  offered: optional(3, map(quantity()), "What the offers hold that it has not answered yet."),
  dominantShare: optional(
    4,
    string(),
    "The part of the cluster that the framework holds in tasks and offers, of the resource where it is largest, from 0 to 1.",
  ),
  outstandingOffers: optional(5, int32(), "How many offers the framework has not answered yet."),
  offers: optional(6, offerCounts, "What has become of earlier offers."),
  tasksStarted: optional(7, int64(), "How many tasks the framework has started."),
  conflicts: optional(8, int64(), "How many tasks found no room any more, because another scheduler was faster."),
  lastContactTime: optional(9, microTime(), "When the framework was last heard of."),
  revivedTime: optional(
    10,
    microTime(),
    "When the framework last asked for offers anew: earlier refusals do not count any more.",
  ),
  unansweredRounds: optional(
    11,
    int32(),
    "How often in a row offers have expired; each time the next ones come later.",
  ),
  offersResumeTime: optional(12, microTime(), "No offers come before this time, because earlier ones have expired."),
  conditions: optional(
    13,
    listMap(condition, ["type"], { mergeKey: "type", strategy: "merge" }),
    "The framework's conditions: Connected, with the reason why not.",
  ),
});
export interface FrameworkStatus extends Infer<typeof frameworkStatus> {}

export const framework = kubeObject(
  "dev.kctl.scheduling.v1.Framework",
  "A scheduler that is offered what is free on the nodes and starts tasks there. Deleting it stops its tasks.",
  {
    spec: present(2, frameworkSpec, "What the framework is offered."),
    status: present(3, frameworkStatus, "What the framework has. The scheduler fills it in."),
  },
);
export interface Framework extends Infer<typeof framework> {}

export const frameworks: ResourceDefinition<Framework> = {
  group: "scheduling.kctl.dev",
  version: "v1",
  kind: "Framework",
  plural: "frameworks",
  scope: "Cluster",
  storagePath: "scheduling.kctl.dev/frameworks",
  schema: framework,
  subresources: ["status", "revive"],
  validate: validateFramework,
  selectableFields: ({ spec }) => ({ "spec.role": spec.role, "spec.owner": spec.owner ?? "" }),
  columns: [
    nameColumn,
    column("Role", { description: "The role that it stands for." }, ({ spec }) => spec.role),
    column("State", { description: "Whether it gets offers, or why not." }, renderState),
    column("Share", { description: "The part of the cluster that it holds." }, ({ status }) =>
      renderPercent(status.dominantShare),
    ),
    column("Allocated", { description: "What its tasks ask for." }, ({ status }) => renderAmounts(status.allocated)),
    column(
      "Offers",
      { type: "integer", description: "How many offers it has not answered yet." },
      ({ status }) => status.outstandingOffers ?? 0,
    ),
    column(
      "Tasks",
      { type: "integer", description: "How many tasks it has started." },
      ({ status }) => status.tasksStarted ?? 0,
    ),
    column("Conflicts", { description: "How many tasks lost a race, and which part of all that is." }, renderConflicts),
    ageColumn,
    wideColumn("Owner", { description: "Who answers its offers." }, ({ spec }) => spec.owner ?? ""),
    wideColumn("Offered", { description: "What its offers hold." }, ({ status }) => renderAmounts(status.offered)),
    wideColumn(
      "Accepted",
      { type: "integer", description: "Offers accepted." },
      ({ status }) => status.offers?.accepted ?? 0,
    ),
    wideColumn(
      "Declined",
      { type: "integer", description: "Offers declined." },
      ({ status }) => status.offers?.declined ?? 0,
    ),
    wideColumn(
      "Rescinded",
      { type: "integer", description: "Offers rescinded." },
      ({ status }) => status.offers?.rescinded ?? 0,
    ),
    wideColumn(
      "Expired",
      { type: "integer", description: "Offers expired." },
      ({ status }) => status.offers?.expired ?? 0,
    ),
  ],
  prepare: (of, old) => {
    const owner = of.spec.owner ?? old?.spec.owner;
    const complete = { ...of, spec: { ...of.spec, ...(owner !== undefined && { owner }) } };
    return withGeneration({ ...complete, status: old?.status ?? {} }, old, ({ spec }) => spec);
  },
  prepareStatus: keepSpec,
};

function renderState({ spec, status }: Framework): string {
  if (spec.suppressed) return "Suppressed";
  const connected = status.conditions?.find(({ type }) => type === "Connected");
  if (!connected) return "New";
  return connected.status === "True" ? "Active" : connected.reason;
}

function renderPercent(share: string | undefined): string {
  return share === undefined ? "<none>" : `${(Number(share) * 100).toFixed(1)}%`;
}

function renderConflicts({ status: { conflicts = 0, tasksStarted = 0 } }: Framework): string {
  const tried = Number(conflicts) + Number(tasksStarted);
  return tried === 0 ? "0" : `${conflicts} (${((Number(conflicts) / tried) * 100).toFixed(1)}%)`;
}
