// Which nodes a pod may run on by its nodeSelector and its required node affinity.

import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from "./affinity.ts";
import type { Node } from "./node.ts";
import type { Pod } from "./pod.ts";

type NodeIdentity = { readonly metadata: Pick<Node["metadata"], "name" | "labels"> };

/** Both the plain selector and the required affinity must match. */
export function matchesNodeAffinity(pod: Pick<Pod, "spec">, node: NodeIdentity): boolean {
  const labels = node.metadata.labels ?? {};
  const wanted = Object.entries(pod.spec.nodeSelector ?? {});
  if (!wanted.every(([key, value]) => labels[key] === value)) return false;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || nodeMatchesSelector(required, node);
}

/** Terms are alternatives; without any, nothing matches. */
export function nodeMatchesSelector(selector: NodeSelector, node: NodeIdentity): boolean {
  return selector.nodeSelectorTerms.some((term) => nodeMatchesTerm(term, node));
}

/** All requirements of a term must hold; an empty term matches nothing. */
export function nodeMatchesTerm(term: NodeSelectorTerm, node: NodeIdentity): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length + matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    matchExpressions.every((each) => matchesRequirement(each, labels[each.key])) &&
    matchFields.every((each) => each.key === "metadata.name" && matchesRequirement(each, node.metadata.name))
  );
}

function matchesRequirement({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
    case "Lt":
      return compareIntegers(operator, value, values[0]);
  }
}

const INTEGER = /^[+-]?\d+$/;

function compareIntegers(operator: "Gt" | "Lt", value = "", bound = ""): boolean {
  if (!INTEGER.test(value) || !INTEGER.test(bound)) return false;
  return operator === "Gt" ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
}
