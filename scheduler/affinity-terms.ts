// A pod's affinity to other pods, read once: which pods each term is about, and how near counts as together.

import type { PodAffinity, PodAffinityTerm, PodAntiAffinity } from "../api/core/affinity.ts";
import type { Pod } from "../api/core/pod.ts";
import { matchesSelector, nothing, selectorOf, type Selector } from "../api/meta/selector.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Snapshot } from "./snapshot.ts";

export interface AffinityTerm {
  readonly topologyKey: string;
  readonly selector: Selector;
  readonly namespaces: readonly string[];
  readonly namespaceSelector: Selector;
}

export interface WeightedTerm extends AffinityTerm {
  readonly weight: number;
}

export interface AffinityTerms {
  readonly required: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  /** Anti-affinity has negative weights. */
  readonly preferred: readonly WeightedTerm[];
}

const NO_TERMS: AffinityTerms = { required: [], requiredAnti: [], preferred: [] };

/** matchLabelKeys and mismatchLabelKeys are in the selectors already: the API server writes them there. */
export function affinityTermsOf({ metadata, spec }: Pod): AffinityTerms {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return NO_TERMS;
  const { namespace = "" } = metadata;
  return {
    required: requiredOf(podAffinity, namespace),
    requiredAnti: requiredOf(podAntiAffinity, namespace),
    preferred: [
      ...preferredOf(podAffinity, namespace),
      ...preferredOf(podAntiAffinity, namespace).map((term) => ({ ...term, weight: -term.weight })),
    ],
  };
}

const requiredOf = (affinity: PodAffinity | PodAntiAffinity | undefined, namespace: string) =>
  (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => readTerm(term, namespace));

const preferredOf = (affinity: PodAffinity | PodAntiAffinity | undefined, namespace: string) =>
  (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => ({
    ...readTerm(podAffinityTerm, namespace),
    weight,
  }));

/** A term that says nothing of namespaces is about the pod's own. */
function readTerm(term: PodAffinityTerm, ownNamespace: string): AffinityTerm {
  const { topologyKey, labelSelector, namespaces = [], namespaceSelector } = term;
  const isOwn = namespaces.length === 0 && !namespaceSelector;
  return {
    topologyKey,
    selector: selectorOf(labelSelector),
    namespaces: isOwn ? [ownNamespace] : namespaces,
    namespaceSelector: namespaceSelector ? selectorOf(namespaceSelector) : nothing,
  };
}

/** Whether the term is about the pod. */
export function termMatches(term: AffinityTerm, { namespace, labels }: PodInfo, snapshot: Snapshot): boolean {
  if (!matchesSelector(term.selector, labels)) return false;
  return (
    term.namespaces.includes(namespace) || matchesSelector(term.namespaceSelector, snapshot.namespaceLabels(namespace))
  );
}
