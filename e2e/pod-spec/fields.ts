// Which fields of PodSpec are seen where: by a test on real Docker, or by a test elsewhere where they are for the API server
// or the scheduler alone. fields.test.ts fails for a field that nobody sees.

import { podSpec } from "../../api/core/pod.ts";
import type { ObjectShape, Schema } from "../../api/schema/schema.ts";
import { allCases } from "./all-cases.ts";
import { refusedCases } from "./refused-cases.ts";

/** By the type's name, the names of its fields. */
export function listFields(schema: Schema = podSpec, found = new Map<string, readonly string[]>()) {
  for (const shape of objectsIn(schema)) {
    const name = shape.name.split(".").at(-1) ?? "";
    if (found.has(name)) continue;
    found.set(name, Object.keys(shape.fields));
    for (const field of Object.values(shape.fields)) listFields(field.schema, found);
  }
  return found;
}

function objectsIn(schema: Schema): readonly ObjectShape[] {
  switch (schema.type) {
    case "object":
      return [schema];
    case "list":
      return objectsIn(schema.items);
    case "map":
      return objectsIn(schema.values);
    case "lazy":
      return objectsIn(schema.of());
    default:
      return [];
  }
}

/** What volumes are made of, each a type of its own: e2e/volumes sees them. Sources of variables are named alike. */
const VOLUME_SOURCES = ["Source", "Projection", "VolumeFile", "KeyToPath", "ClaimTemplate"];

interface Elsewhere {
  /** `Type.field`, or `Type.*` for all fields of a type. */
  readonly fields: readonly string[];
  readonly test: string;
}

/** For the API server or the scheduler alone, or another suite's. */
export const seenElsewhere: readonly Elsewhere[] = [
  {
    fields: [
      "PodSpec.affinity",
      "Affinity.*",
      "NodeAffinity.*",
      "NodeSelector.*",
      "NodeSelectorTerm.*",
      "NodeSelectorRequirement.*",
      "PreferredSchedulingTerm.*",
      "PodSpec.tolerations",
      "Toleration.key",
      "Toleration.operator",
      "Toleration.value",
      "Toleration.effect",
    ],
    test: "scheduler/plugins/filters.test.ts",
  },
  {
    fields: [
      "PodAffinity.*",
      "PodAntiAffinity.*",
      "PodAffinityTerm.*",
      "WeightedPodAffinityTerm.*",
      "LabelSelector.*",
      "LabelSelectorRequirement.*",
    ],
    test: "scheduler/plugins/inter-pod-affinity.test.ts",
  },
  {
    fields: ["PodSpec.topologySpreadConstraints", "TopologySpreadConstraint.*"],
    test: "scheduler/plugins/pod-topology-spread.test.ts",
  },
  { fields: ["Toleration.tolerationSeconds"], test: "controllers/taint-eviction.test.ts" },
  { fields: ["PodSpec.priority", "PodSpec.priorityClassName"], test: "apiserver/admission/classes.test.ts" },
  { fields: ["PodSpec.preemptionPolicy"], test: "scheduler/preemption/plan-preemption.test.ts" },
  {
    fields: [
      "Volume.*",
      "ObjectMeta.*",
      "OwnerReference.*",
      "ManagedFieldsEntry.*",
      "PersistentVolumeClaimSpec.*",
      "VolumeResourceRequirements.*",
      "TypedLocalObjectReference.*",
      "TypedObjectReference.*",
    ],
    test: "e2e/volumes/volumes.test.ts",
  },
];

export const isVolumeSource = (type: string): boolean =>
  !type.includes("Env") && VOLUME_SOURCES.some((ending) => type.endsWith(ending));

/** By `Type.field`, the titles of the tests on Docker that see it. */
export function seenOnDocker(): ReadonlyMap<string, readonly string[]> {
  const seen = new Map<string, string[]>();
  for (const { title, sees } of [...allCases.flatMap(([, cases]) => cases), ...refusedCases]) {
    for (const field of sees) seen.set(field, [...(seen.get(field) ?? []), title]);
  }
  return seen;
}
