// Which nodes a pod may run on by its nodeSelector and its required node affinity.

import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from "./affinity.ts";
import type { Node } from "./node.ts";
import type { Pod } from "./pod.ts";
import { matchesRequirement } from "../meta/selector.ts";

type Labels = Readonly<Record<string, string>>;
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
  const fields = { "metadata.name": node.metadata.name };
  return (
    matchExpressions.every((each) => matches(each, node.metadata.labels)) &&
    matchFields.every((each) => matches(each, fields))
  );
}

const matches = ({ key, operator, values = [] }: NodeSelectorRequirement, labels: Labels | undefined) =>
  matchesRequirement({ key, operator, values }, labels);
