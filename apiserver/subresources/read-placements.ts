// Reads what a client wants to be placed. Whatever is wrong with it is said with its place.

import { StatusError } from "../../api/meta/status.ts";
import type { PlacementBinding, PlacementRequest } from "../../api/placement/placement.ts";

const BINDINGS_MAX = 5000;
const SCHEDULER_LENGTH_MAX = 253;

/** Throws BadRequest that names what is wrong. */
export function readPlacements(value: unknown): PlacementRequest {
  const sent = (value ?? {}) as Partial<Record<keyof PlacementRequest, unknown>>;
  const { mode = "Incremental", conflicts = "ResourceFit", scheduler, bindings } = sent;
  if (mode !== "Incremental" && mode !== "AllOrNothing") throw unsupported("mode", mode);
  if (conflicts !== "ResourceFit" && conflicts !== "NodeGeneration") throw unsupported("conflicts", conflicts);
  if (scheduler !== undefined && !isSchedulerName(scheduler)) {
    throw bad("scheduler", `must be a name of at most ${SCHEDULER_LENGTH_MAX} characters`);
  }
  const known = readBindings(bindings, conflicts);
  return { mode, conflicts, bindings: known, ...(scheduler !== undefined && { scheduler }) };
}

function readBindings(bindings: unknown, conflicts: PlacementRequest["conflicts"]): readonly PlacementBinding[] {
  if (!Array.isArray(bindings) || bindings.length > BINDINGS_MAX) {
    throw bad("bindings", `must be a list of at most ${BINDINGS_MAX} items`);
  }
  return bindings.map((item: Partial<PlacementBinding> | null, index) => {
    const problem = findProblem(item, conflicts);
    if (problem) throw bad(`bindings[${index}].${problem.field}`, problem.detail);
    return pick(item as PlacementBinding, conflicts);
  });
}

const pick = (
  { namespace, name, node, uid, generation }: PlacementBinding,
  conflicts: PlacementRequest["conflicts"],
): PlacementBinding => ({
  namespace,
  name,
  node,
  ...(uid !== undefined && { uid }),
  ...(conflicts === "NodeGeneration" && { generation }),
});

const bad = (field: string, detail: string) => new StatusError("BadRequest", `${field}: ${detail}`);

const unsupported = (field: string, value: unknown) => bad(field, `Unsupported value: ${JSON.stringify(value)}`);

const isSchedulerName = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= SCHEDULER_LENGTH_MAX;

interface Problem {
  readonly field: string;
  readonly detail: string;
}

function findProblem(
  item: Partial<PlacementBinding> | null,
  conflicts: PlacementRequest["conflicts"],
): Problem | undefined {
  for (const field of ["namespace", "name", "node"] as const) {
    if (typeof item?.[field] !== "string" || item[field] === "") return { field, detail: "Required value" };
  }
  if (item?.uid !== undefined && typeof item.uid !== "string") return { field: "uid", detail: "must be a string" };
  return conflicts === "NodeGeneration" ? findGenerationProblem(item?.generation) : undefined;
}

function findGenerationProblem(generation: unknown): Problem | undefined {
  if (generation === undefined) return { field: "generation", detail: "Required value: NodeGeneration rests on it" };
  const isRevision = Number.isSafeInteger(generation) && Number(generation) >= 0;
  return isRevision ? undefined : { field: "generation", detail: "must be a whole number of 0 or more" };
}
