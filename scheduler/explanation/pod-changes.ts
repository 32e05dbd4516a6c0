// Changes of a pod's spec as edits. Nearly all of it is fixed once a pod is there, so that the pod has to be made anew: by hand,
// or by its controller from a changed template.

import type { Pod, PodSpec } from "../../api/core/pod.ts";
import { edit, type Edit } from "./cluster-view.ts";

/** The pod as a new one, which nobody has looked at yet. */
export function remadePod(pod: Pod, spec: Partial<PodSpec>): Edit {
  const status = { phase: "Pending" as const };
  return edit("replace", "pods", { ...pod, spec: { ...pod.spec, ...spec }, status });
}

/** For people: whom to change. */
export function whatToChange(pod: Pod): string {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
  return owner ? `the pod template behind ${owner.kind} ${owner.name}` : "the pod";
}

export const deletePods = (pods: readonly Pod[]): readonly Edit[] => pods.map((pod) => edit("delete", "pods", pod));

/** `a, b and 3 more`. */
export function listNames(names: readonly string[], most = 4): string {
  const shown = names.slice(0, most);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(", ")} and ${more} more`;
  return shown.length > 1 ? `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}` : (shown[0] ?? "");
}

export const podName = ({ metadata }: Pick<Pod, "metadata">) => `${metadata.namespace}/${metadata.name}`;

export const deleteCommand = (pods: readonly Pod[]): string | undefined => {
  const [first] = pods;
  const isOneNamespace = pods.every(({ metadata }) => metadata.namespace === first?.metadata.namespace);
  if (!first || !isOneNamespace) return undefined;
  return `kctl delete pod ${pods.map(({ metadata }) => metadata.name).join(" ")} -n ${first.metadata.namespace}`;
};
