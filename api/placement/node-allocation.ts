// NodeAllocation: what a node has given away, as the API server accounts for it, and the generation that a placement can insist
// on. It is found out when it is read; nobody writes it.

import { kubeObject } from "../meta/object.ts";
import { column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, int64, list, map, object, optional, required, string } from "../schema/schema.ts";

const amounts = () => map(int64());

const setAside = object("dev.kctl.placement.v1.SetAside", "What a node sets aside for a role.", {
  role: required(1, string(), "The role."),
  amounts: required(2, amounts(), "How much, CPU in thousandths."),
});

export const nodeAllocation = kubeObject(
  "dev.kctl.placement.v1.NodeAllocation",
  "What a node offers and what its pods have been given, as the API server accounts for it in the transactions that place pods.",
  {
    generation: required(
      2,
      int64(),
      "Changes with everything that comes to the node or leaves it; what a placement with NodeGeneration names.",
    ),
    allocatable: optional(
      3,
      amounts(),
      "What the node offers, CPU in thousandths; absent while it has not said, and then nothing is refused.",
    ),
    requested: optional(4, amounts(), "The sum of what its unfinished pods request, and under `pods` their number."),
    hostPorts: optional(5, list(string()), "The ports of the node that its pods hold, such as TCP/0.0.0.0/8080."),
    pool: optional(6, string(), "The static partition that the node belongs to."),
    reserved: optional(7, map(setAside), "What is set aside for roles, by the name of the reservation."),
    requestedByRole: optional(8, map(amounts()), "The part of what is requested that is of pods with a role."),
  },
);
export interface NodeAllocation extends Infer<typeof nodeAllocation> {}

const share = ({ allocatable, requested }: NodeAllocation, resource: string): string => {
  const offered = allocatable?.[resource] ?? 0;
  const used = requested?.[resource] ?? 0;
  return offered > 0 ? `${Math.round((100 * used) / offered)}%` : "<unknown>";
};

export const nodeAllocations: ResourceDefinition<NodeAllocation> = {
  group: "placement.kctl.dev",
  version: "v1",
  kind: "NodeAllocation",
  plural: "nodeallocations",
  scope: "Cluster",
  schema: nodeAllocation,
  verbs: ["get", "list"],
  columns: [
    nameColumn,
    column("Pool", { description: "The static partition of the node." }, ({ pool }) => pool ?? "<none>"),
    column("CPU", { description: "The share of the CPU that is given away." }, (object) => share(object, "cpu")),
    column("Memory", { description: "The share of the memory that is given away." }, (object) =>
      share(object, "memory"),
    ),
    column(
      "Pods",
      { type: "integer", description: "How many pods there are." },
      ({ requested }) => requested?.pods ?? 0,
    ),
    column("Generation", { type: "integer", description: "Changes with each pod." }, ({ generation }) => generation),
  ],
};
