// Reservation: amounts that nodes set aside for a role, used or not, as an alloc in Borg. The scheduler finds the nodes; from
// then on their allocation records keep everybody else out. Its rules are in validate-reservation.ts.

import { validateReservation } from "./validate-reservation.ts";
import { condition } from "../meta/condition.ts";
import { withGeneration } from "../meta/generation.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn, wideColumn } from "../meta/standard-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  byDefault,
  int32,
  int64,
  listMap,
  map,
  object,
  optional,
  present,
  quantity,
  required,
  string,
} from "../schema/schema.ts";
import { renderAmounts } from "./render-amounts.ts";

export const reservationSpec = object("dev.kctl.scheduling.v1.ReservationSpec", "What is set aside, and for whom.", {
  role: required(1, string(), "The role that it is for, with all its parts."),
  resources: required(2, map(quantity()), "What is set aside on each of the nodes, by resource."),
  node: optional(3, string(), "The name of the node; any node that fits unless given."),
  nodeSelector: optional(4, map(string()), "The labels of the nodes; any unless given. Not together with node."),
  nodes: byDefault(1, optional(5, int32(), "On how many nodes the amounts are set aside. 1 unless given.")),
});
export interface ReservationSpec extends Infer<typeof reservationSpec> {}

export const heldReservation = object("dev.kctl.scheduling.v1.HeldReservation", "What one node has set aside.", {
  node: required(1, string(), "The node."),
  role: required(2, string(), "The role that it is for."),
  resources: required(3, map(quantity()), "What is set aside there."),
});
export interface HeldReservation extends Infer<typeof heldReservation> {}

export const reservationStatus = object("dev.kctl.scheduling.v1.ReservationStatus", "Where the reservation is held.", {
  observedGeneration: optional(1, int64(), "The generation that the scheduler has acted on."),
  held: optional(
    2,
    listMap(heldReservation, ["node"]),
    "What is set aside now. Nodes keep to it from the moment it is here.",
  ),
  conditions: optional(
    3,
    listMap(condition, ["type"], { mergeKey: "type", strategy: "merge" }),
    "The reservation's conditions: Held, with the reason why not.",
  ),
});
export interface ReservationStatus extends Infer<typeof reservationStatus> {}

export const reservation = kubeObject(
  "dev.kctl.scheduling.v1.Reservation",
  "Keeps resources of nodes for a role, whether it uses them or not. Pods of other roles and of none are not placed there.",
  {
    spec: present(2, reservationSpec, "What is set aside, and for whom."),
    status: present(3, reservationStatus, "Where it is held. The scheduler fills it in."),
  },
);
export interface Reservation extends Infer<typeof reservation> {}

export const reservations: ResourceDefinition<Reservation> = {
  group: "scheduling.kctl.dev",
  version: "v1",
  kind: "Reservation",
  plural: "reservations",
  scope: "Cluster",
  storagePath: "scheduling.kctl.dev/reservations",
  schema: reservation,
  subresources: ["status"],
  validate: validateReservation,
  columns: [
    nameColumn,
    column("Role", { description: "The role that it is for." }, ({ spec }) => spec.role),
    column("Resources", { description: "What is set aside on each node." }, ({ spec }) =>
      renderAmounts(spec.resources),
    ),
    column(
      "Held",
      { description: "On how many nodes it is held, of those wanted." },
      ({ spec, status }) => `${status.held?.length ?? 0}/${spec.nodes ?? 1}`,
    ),
    column("Nodes", { description: "Where it is held." }, renderNodes),
    ageColumn,
    wideColumn("Message", { description: "Why it is not held." }, ({ status }) => {
      const held = status.conditions?.find(({ type }) => type === "Held");
      return held?.status === "False" ? held.message : "";
    }),
  ],
  prepare: (of, old) => withGeneration({ ...of, status: old?.status ?? {} }, old, ({ spec }) => spec),
  prepareStatus: keepSpec,
};

const NODES_SHOWN = 3;

function renderNodes({ status: { held = [] } }: Reservation): string {
  const shown = held.slice(0, NODES_SHOWN).map(({ node }) => node);
  const more = held.length > NODES_SHOWN ? ` + ${held.length - NODES_SHOWN} more` : "";
  return shown.join(",") + more || "<none>";
}
