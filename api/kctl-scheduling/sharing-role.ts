// Roles: whom frameworks and pods stand for when the cluster is shared, such as `eng/web`, a part of `eng`. In names and labels,
// which take no slashes, the same role is `eng.web`. Pure texts; the weights of roles are in framework-role.ts.

import type { Pod } from "../core/pod.ts";
import { labelProblems } from "../meta/names.ts";

/** On a pod: its role, as a name. What is reserved for the role is there for the pod. */
export const ROLE_LABEL = "scheduling.kctl.dev/role";

/** On a pod: the framework that has started it. Only the API server writes it. */
export const FRAMEWORK_LABEL = "scheduling.kctl.dev/framework";

/** Label values are no longer. */
const LENGTH_MAX = 63;

/** Lists what is wrong with a text as a role; empty means valid. */
export function roleProblems(role: string): readonly string[] {
  if (role.length > LENGTH_MAX) return [`must be no more than ${LENGTH_MAX} characters`];
  const problems = role.split("/").flatMap((part) => labelProblems(part));
  return problems.length === 0
    ? []
    : [`must consist of DNS labels with slashes between them, such as 'eng/web': ${problems[0]}`];
}

export const roleNameOf = (role: string): string => role.replaceAll("/", ".");
export const roleOfName = (name: string): string => name.replaceAll(".", "/");

/** The role itself and those that it is a part of, nearest first: `eng/web`, `eng`. */
export function roleLineage(role: string): readonly string[] {
  const parts = role.split("/");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
}

/** The pod's role. The label is as the API server has admitted it, and so to be believed. */
export function roleOfPod({ metadata }: Pick<Pod, "metadata">): string | undefined {
  const name = metadata.labels?.[ROLE_LABEL];
  return name ? roleOfName(name) : undefined;
}

export const frameworkOfPod = ({ metadata }: Pick<Pod, "metadata">): string | undefined =>
  metadata.labels?.[FRAMEWORK_LABEL] || undefined;
