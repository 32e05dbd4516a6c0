// Rules for the two parts of a running pod's spec that have subresources of their own, from Kubernetes' pod validation:
// debugging containers are only ever added, and resources change within what a running container can follow.

import type { Container } from "./container.ts";
import { isSidecar } from "./pod-state.ts";
import { qosClassOf } from "./pod-resources.ts";
import type { Pod } from "./pod.ts";
import { validatePodSpec } from "./validate-pod-spec.ts";
import { eachItem, when } from "../meta/field-checks.ts";
import { compareQuantities, parseQuantity } from "../meta/quantity.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { forbiddenField, invalidField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

/** Every rule for a pod whose debugging containers have changed and nothing else of its spec. */
export function validateEphemeralContainers(pod: Pod, old: Pod): Errors {
  const sent = pod.spec.ephemeralContainers ?? [];
  const kept = (old.spec.ephemeralContainers ?? []).flatMap((before) => {
    const after = sent.find(({ name }) => name === before.name);
    const what = `existing ephemeral containers ${JSON.stringify(before.name)} may not be`;
    const isKept = after && semanticEqual(after, before);
    return when(!isKept, forbiddenField("spec.ephemeralContainers", `${what} ${after ? "changed" : "removed"}`));
  });
  return [...kept, ...validatePodSpec(pod.spec, "spec", { isTemplate: false })];
}

/** Every rule for a pod whose containers' resources have changed and nothing else of its spec. */
export function validateResize(pod: Pod, old: Pod): Errors {
  const finished = old.status.phase === "Succeeded" || old.status.phase === "Failed";
  if (finished) return [forbiddenField("spec", `a pod in phase ${old.status.phase} cannot be resized`)];
  const qosClass = qosClassOf(pod);
  const hasNewClass = qosClass !== (old.status.qosClass ?? qosClassOf(old));
  return [
    ...validatePodSpec(pod.spec, "spec", { isTemplate: false }),
    ...when(hasNewClass, invalidField("spec", qosClass, "Pod QOS Class may not change as a result of resizing")),
    ...eachItem(pod.spec.initContainers, "spec.initContainers", (container, path, index) => {
      const before = old.spec.initContainers?.[index];
      if (!before || semanticEqual(container.resources, before.resources)) return [];
      if (isSidecar(container)) return validateContainerResize(container, before, `${path}.resources`);
      return [forbiddenField(`${path}.resources`, "only the resources of sidecars among init containers are mutable")];
    }),
    ...eachItem(pod.spec.containers, "spec.containers", (container, path, index) => {
      const before = old.spec.containers[index];
      return before ? validateContainerResize(container, before, `${path}.resources`) : [];
    }),
  ];
}

function validateContainerResize(container: Container, old: Container, path: string): Errors {
  return [
    ...(["limits", "requests"] as const).flatMap((field) =>
      validateAmounts(container.resources?.[field] ?? {}, old.resources?.[field] ?? {}, { path, field }),
    ),
    ...when(
      isDecreased(container, old) && !restartsForMemory(old),
      forbiddenField(`${path}.limits`, "memory limits cannot be decreased unless resizePolicy is RestartContainer"),
    ),
  ];
}

type Amounts = Readonly<Record<string, string>>;

interface AmountsPlace {
  readonly path: string;
  readonly field: "limits" | "requests";
}

function validateAmounts(amounts: Amounts, old: Amounts, { path, field }: AmountsPlace): Errors {
  const names = [...new Set([...Object.keys(amounts), ...Object.keys(old)])];
  const changed = names.filter((name) => amounts[name] !== old[name]);
  const isForeign = changed.some((name) => name !== "cpu" && name !== "memory");
  const isRemoved = changed.some((name) => amounts[name] === undefined);
  return [
    ...when(isForeign, forbiddenField(path, "only cpu and memory resources are mutable")),
    ...when(isRemoved, forbiddenField(`${path}.${field}`, `resource ${field} cannot be removed`)),
  ];
}

function isDecreased({ resources }: Container, { resources: old }: Container): boolean {
  const [after, before] = [resources?.limits?.memory, old?.limits?.memory];
  if (after === undefined || before === undefined) return false;
  return compareQuantities(parseQuantity(after), parseQuantity(before)) < 0;
}

const restartsForMemory = ({ resizePolicy = [] }: Container) =>
  resizePolicy.some(
    ({ resourceName, restartPolicy }) => resourceName === "memory" && restartPolicy === "RestartContainer",
  );
