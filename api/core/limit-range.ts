// LimitRange: limits how much a single object of a namespace may use, and what it asks for unless it says so. Its rules are
// in validate-limit-range.ts; admission makes objects keep to it.

import { validateLimitRange } from "./validate-limit-range.ts";
import { kubeObject } from "../meta/object.ts";
import { createdAtColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  completed,
  lenient,
  list,
  map,
  object,
  optional,
  present,
  quantity,
  required,
  string,
} from "../schema/schema.ts";

export const limitRangeItem = completed(
  object("io.k8s.api.core.v1.LimitRangeItem", "Limits for the objects of one type.", {
    type: required(1, string(), "What is limited: Pod, Container or PersistentVolumeClaim."),
    max: optional(2, map(quantity()), "The most that one object may ask for or be limited to, by resource."),
    min: optional(3, map(quantity()), "The least that one object must ask for, by resource."),
    default: optional(
      4,
      map(quantity()),
      "The limit of a container that has none, by resource; max unless given. Not for pods.",
    ),
    defaultRequest: optional(
      5,
      map(quantity()),
      "What a container asks for that does not say, by resource: default unless given, min if there is no default. Not for pods.",
    ),
    maxLimitRequestRatio: optional(
      6,
      map(quantity()),
      "How many times larger than its request a limit may be, by resource.",
    ),
  }),
  (draft) => {
    if (draft.type !== "Container") return;
    const limits = { ...draft.max, ...draft.default };
    const requests = { ...draft.min, ...limits, ...draft.defaultRequest };
    if (Object.keys(limits).length > 0) draft.default = limits;
    if (Object.keys(requests).length > 0) draft.defaultRequest = requests;
  },
);
export interface LimitRangeItem extends Infer<typeof limitRangeItem> {}

export const limitRangeSpec = completed(
  object("io.k8s.api.core.v1.LimitRangeSpec", "The limits of a limit range.", {
    limits: lenient(required(1, list(limitRangeItem, { listType: "atomic" }), "The limits, one item for each type.")),
  }),
  (draft) => {
    draft.limits ??= [];
  },
);
export interface LimitRangeSpec extends Infer<typeof limitRangeSpec> {}

export const limitRange = kubeObject(
  "io.k8s.api.core.v1.LimitRange",
  "Limits how much a single pod, container or claim of a namespace may use.",
  {
    spec: present(2, limitRangeSpec, "The limits."),
  },
);
export interface LimitRange extends Infer<typeof limitRange> {}

export const limitRanges: ResourceDefinition<LimitRange> = {
  group: "",
  version: "v1",
  kind: "LimitRange",
  plural: "limitranges",
  shortNames: ["limits"],
  scope: "Namespaced",
  schema: limitRange,
  validate: validateLimitRange,
  columns: [nameColumn, createdAtColumn],
};
