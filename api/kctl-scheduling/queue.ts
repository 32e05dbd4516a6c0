// Queue: a share of the cluster for pods that wait in line. Queues form a tree; pods are in its leaves. Its rules are in
// validate-queue.ts; the scheduler acts on it and writes its status.

import { validateQueue } from "./validate-queue.ts";
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
  object,
  oneOf,
  optional,
  present,
  quantity,
  string,
} from "../schema/schema.ts";

/** The label that puts a pod, or the pods of a namespace, into the queue of this name. */
export const QUEUE_LABEL = "scheduling.kctl.dev/queue";

export const queueSpec = object("dev.kctl.scheduling.v1.QueueSpec", "What the queue's pods may use.", {
  parent: optional(1, string(), "The queue that this one is a part of; a part of the whole cluster unless given."),
  guarantee: optional(
    2,
    map(quantity()),
    "What the queue can always have, by resource: requests of cpu, memory and others, and the number of pods.",
  ),
  guaranteePercent: optional(
    3,
    int32(),
    "As guarantee, as a part of the parent's guarantee or of the cluster, in percent. Not together with guarantee.",
  ),
  max: optional(4, map(quantity()), "What the queue never exceeds, by resource; no limit for those not given."),
  maxPercent: optional(5, int32(), "As max, as a part of the whole cluster in percent. Not together with max."),
  weight: byDefault(
    1,
    optional(
      6,
      int32(),
      "How much of what others leave idle the queue gets, beside others that borrow. 1 unless given.",
    ),
  ),
  reclaim: byDefault(
    true,
    optional(
      7,
      boolean(),
      "Whether the queue takes back what others have borrowed of its guarantee, by evicting their pods. True unless given.",
    ),
  ),
  state: byDefault(
    "Open",
    optional(8, oneOf("Open", "Closed"), "A closed queue starts no pods; those that run go on. Open unless given."),
  ),
});
export interface QueueSpec extends Infer<typeof queueSpec> {}

export const queueStatus = object("dev.kctl.scheduling.v1.QueueStatus", "What the queue's pods use.", {
  observedGeneration: optional(1, int64(), "The generation that the scheduler has acted on."),
  guarantee: optional(2, map(quantity()), "What the queue can always have, in amounts."),
  used: optional(3, map(quantity()), "What the queue's pods that have a node ask for, those of its parts included."),
  borrowed: optional(4, map(quantity()), "How much of it is above the guarantee."),
  share: optional(5, int32(), "The use in percent of the guarantee, of the resource where it is highest."),
  pending: optional(6, int32(), "How many pods wait."),
  admitted: optional(7, int32(), "How many pods have a node and have not ended."),
  conditions: optional(
    8,
    listMap(condition, ["type"], { mergeKey: "type", strategy: "merge" }),
    "The queue's conditions: Ready, with the reason why not.",
  ),
});
export interface QueueStatus extends Infer<typeof queueStatus> {}

export const queue = kubeObject(
  "dev.kctl.scheduling.v1.Queue",
  "A share of the cluster: what it guarantees is there when it is needed, and lent to other queues until then.",
  {
    spec: present(2, queueSpec, "What the queue's pods may use."),
    status: present(3, queueStatus, "What the queue's pods use. The scheduler fills it in."),
  },
);
export interface Queue extends Infer<typeof queue> {}

const readiness = ({ status }: Queue) => status.conditions?.find(({ type }) => type === "Ready");

export const queues: ResourceDefinition<Queue> = {
  group: "scheduling.kctl.dev",
  version: "v1",
  kind: "Queue",
  plural: "queues",
  scope: "Cluster",
  schema: queue,
  subresources: ["status"],
  validate: validateQueue,
  columns: [
    nameColumn,
    column("Parent", { description: "The queue that it is a part of." }, ({ spec }) => spec.parent ?? "<none>"),
    column("State", { description: "Whether the queue starts pods, or why it does not." }, (of) => renderState(of)),
    column("Used", { description: "What the pods use, of what is guaranteed." }, ({ status }) =>
      renderUse(status.used, status.guarantee),
    ),
    column("Share", { description: "The use in percent of the guarantee." }, ({ status }) =>
      status.share === undefined ? "<none>" : `${status.share}%`,
    ),
    column("Pending", { type: "integer", description: "How many pods wait." }, ({ status }) => status.pending ?? 0),
    column(
      "Admitted",
      { type: "integer", description: "How many pods have a node." },
      ({ status }) => status.admitted ?? 0,
    ),
    ageColumn,
    wideColumn("Borrowed", { description: "The use above the guarantee." }, ({ status }) => renderUse(status.borrowed)),
    wideColumn("Max", { description: "What the queue never exceeds." }, ({ spec }) =>
      spec.maxPercent === undefined ? renderUse(spec.max) : `${spec.maxPercent}%`,
    ),
    wideColumn("Weight", { type: "integer", description: "Its part of what is idle." }, ({ spec }) => spec.weight ?? 1),
    wideColumn("Message", { description: "Why the queue is not ready." }, (of) => {
      const ready = readiness(of);
      return ready?.status === "False" ? ready.message : "";
    }),
  ],
  prepare: (of, old) => withGeneration({ ...of, status: old?.status ?? {} }, old, ({ spec }) => spec),
  prepareStatus: keepSpec,
};

function renderState(of: Queue): string {
  const ready = readiness(of);
  if (ready?.status === "False") return ready.reason;
  return of.spec.state ?? "Open";
}

type Amounts = Readonly<Record<string, string>>;

/** `cpu: 3/10, memory: 1Gi/20Gi`, of the guaranteed resources, or of all where no bound is given. */
function renderUse(used: Amounts = {}, bound?: Amounts): string {
  const names = Object.keys(bound ?? used).sort();
  const texts = names.map((name) => `${name}: ${used[name] ?? "0"}${bound ? `/${bound[name]}` : ""}`);
  return texts.join(", ") || "<none>";
}
