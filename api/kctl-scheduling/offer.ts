// Offer: what one node has free, offered to one framework for a short time. It locks nothing: whether there is still room is
// decided when tasks are started. Its rules are in validate-framework.ts; the scheduler makes offers and ends them.

import { validateOffer } from "./validate-framework.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn, wideColumn } from "../meta/standard-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  byDefault,
  int32,
  map,
  microTime,
  object,
  oneOf,
  optional,
  present,
  quantity,
  required,
  string,
} from "../schema/schema.ts";
import { renderAmounts } from "./render-amounts.ts";

export const offerSpec = object("dev.kctl.scheduling.v1.OfferSpec", "What is offered, and to whom.", {
  framework: required(1, string(), "The framework that the offer is for. No other can answer it."),
  role: required(2, string(), "The role that it is offered to."),
  node: required(3, string(), "The node that tasks would run on."),
  nodeLabels: optional(4, map(string()), "The node's labels."),
  resources: required(
    5,
    map(quantity()),
    "What tasks may ask for altogether, by resource; pods is how many there may be.",
  ),
  expiresAt: required(6, microTime(), "When the offer ends by itself."),
});
export interface OfferSpec extends Infer<typeof offerSpec> {}

export const offerStatus = object("dev.kctl.scheduling.v1.OfferStatus", "What has become of the offer.", {
  phase: byDefault(
    "Outstanding",
    optional(
      1,
      oneOf("Outstanding", "Accepted", "Declined", "Rescinded", "Expired"),
      "Outstanding until the framework has accepted or declined it, or it was rescinded or has expired.",
    ),
  ),
  message: optional(2, string(), "Why it was rescinded, for people."),
  answeredTime: optional(3, microTime(), "When the framework has answered."),
  filteredUntil: optional(4, microTime(), "The node is not offered to the framework again before this time."),
  tasksStarted: optional(5, int32(), "How many tasks were started on it."),
  conflicts: optional(6, int32(), "How many of its tasks found no room any more."),
});
export interface OfferStatus extends Infer<typeof offerStatus> {}

export const offer = kubeObject(
  "dev.kctl.scheduling.v1.Offer",
  "Free resources of a node, offered to a framework. It accepts them with tasks, or declines.",
  {
    spec: present(2, offerSpec, "What is offered, and to whom. It cannot be changed."),
    status: present(3, offerStatus, "What has become of the offer."),
  },
);
export interface Offer extends Infer<typeof offer> {}

export const offers: ResourceDefinition<Offer> = {
  group: "scheduling.kctl.dev",
  version: "v1",
  kind: "Offer",
  plural: "offers",
  scope: "Cluster",
  storagePath: "scheduling.kctl.dev/offers",
  schema: offer,
  subresources: ["status", "accept", "decline"],
  validate: validateOffer,
  selectableFields: ({ spec, status }) => ({
    "spec.framework": spec.framework,
    "spec.node": spec.node,
    "status.phase": status.phase ?? "",
  }),
  columns: [
    nameColumn,
    column("Framework", { description: "Whom the offer is for." }, ({ spec }) => spec.framework),
    column("Node", { description: "The node." }, ({ spec }) => spec.node),
    column("Resources", { description: "What is offered." }, ({ spec }) => renderAmounts(spec.resources)),
    column("Phase", { description: "What has become of it." }, ({ status }) => status.phase ?? ""),
    ageColumn,
    wideColumn("Role", { description: "The role that it is offered to." }, ({ spec }) => spec.role),
    wideColumn("Expires", { description: "When it ends by itself." }, ({ spec }) => spec.expiresAt),
    wideColumn(
      "Tasks",
      { type: "integer", description: "Tasks started on it." },
      ({ status }) => status.tasksStarted ?? 0,
    ),
    wideColumn(
      "Conflicts",
      { type: "integer", description: "Tasks without room." },
      ({ status }) => status.conflicts ?? 0,
    ),
    wideColumn("Message", { description: "Why it was rescinded." }, ({ status }) => status.message ?? ""),
  ],
  prepare: (of, old) => ({ ...of, status: old ? old.status : { phase: "Outstanding" as const } }),
  prepareStatus: keepSpec,
};
