// Rules for runtime classes, from Kubernetes' validation.

import type { RuntimeClass, Scheduling } from "./runtime-class.ts";
import { validateToleration } from "../core/validate-placement.ts";
import { validateResources } from "../core/validate-resources.ts";
import { checkUnchanged, eachItem } from "../meta/field-checks.ts";
import { labelProblems, subdomainProblems } from "../meta/names.ts";
import { validateLabels } from "../meta/validate-labels.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, type FieldError } from "../schema/field-error.ts";

export function validateRuntimeClass(runtimeClass: RuntimeClass, old?: RuntimeClass): FieldError[] {
  const { handler, overhead, scheduling } = runtimeClass;
  return [
    ...validateMetadata(runtimeClass, old, { name: subdomainProblems, scope: "Cluster" }),
    ...labelProblems(handler).map((problem) => invalidField("handler", handler, problem)),
    ...(overhead ? validateResources({ limits: overhead.podFixed }, "overhead", new Set()) : []),
    ...(scheduling ? validateScheduling(scheduling, "scheduling") : []),
    ...(old ? checkUnchanged("handler", handler, old.handler) : []),
  ];
}

const validateScheduling = ({ nodeSelector, tolerations }: Scheduling, path: string): readonly FieldError[] => [
  ...validateLabels(nodeSelector, `${path}.nodeSelector`),
  ...eachItem(tolerations, `${path}.tolerations`, validateToleration),
];
