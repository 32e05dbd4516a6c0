// AppArmor profiles that a pod asks for: a node without AppArmor refuses the pod rather than running it without. Pure.

import type { Pod } from "../../api/core/pod.ts";

/** Why the pod may not run on a node that has AppArmor or not; undefined where it may. */
export function forbidAppArmor(pod: Pick<Pod, "spec">, hasAppArmor: boolean): string | undefined {
  if (hasAppArmor || !asksForProfile(pod)) return undefined;
  return "Cannot enforce AppArmor: AppArmor is not enabled on the host";
}

function asksForProfile({ spec }: Pick<Pod, "spec">): boolean {
  const { securityContext, containers, initContainers = [] } = spec;
  const contexts = [securityContext, ...[...initContainers, ...containers].map((each) => each.securityContext)];
  return contexts.some((context) => context?.appArmorProfile && context.appArmorProfile.type !== "Unconfined");
}
