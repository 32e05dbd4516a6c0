// Rules for the security settings of pods and containers, from Kubernetes' pod validation.

import type { PodSecurityContext, SeccompProfile, SecurityContext } from "./security-context.ts";
import { checkRange, eachItem, when } from "../meta/field-checks.ts";
import { checkDescendingPath } from "./validate-path.ts";
import { duplicateField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

/** The ids that a Linux user or group can have. */
const ID_RANGE = { min: 0, max: 2 ** 31 - 1 };
const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*([a-z0-9][-_a-z0-9]*)?[a-z0-9]$/;
const SYSCTL_HINT =
  "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*([a-z0-9][-_a-z0-9]*)?[a-z0-9]$";

export function validatePodSecurityContext(context: PodSecurityContext | undefined, path: string): Errors {
  if (!context) return [];
  const { runAsUser, runAsGroup, fsGroup, supplementalGroups, sysctls, seccompProfile, appArmorProfile } = context;
  const names = new Set<string>();
  return [
    ...checkRange(`${path}.fsGroup`, fsGroup, ID_RANGE),
    ...checkRange(`${path}.runAsUser`, runAsUser, ID_RANGE),
    ...checkRange(`${path}.runAsGroup`, runAsGroup, ID_RANGE),
    ...eachItem(supplementalGroups, `${path}.supplementalGroups`, (group, at) => checkRange(at, group, ID_RANGE)),
    ...eachItem(sysctls, `${path}.sysctls`, ({ name = "" }, at) => {
      const isTaken = names.has(name);
      names.add(name);
      return [
        ...when(!SYSCTL.test(name) || name.length > 253, invalidField(`${at}.name`, name, SYSCTL_HINT)),
        ...when(isTaken, duplicateField(`${at}.name`, name)),
      ];
    }),
    ...validateProfile(seccompProfile, `${path}.seccompProfile`, "seccomp"),
    ...validateProfile(appArmorProfile, `${path}.appArmorProfile`, "AppArmor"),
  ];
}

export function validateSecurityContext(context: SecurityContext | undefined, path: string): Errors {
  if (!context) return [];
  const { runAsUser, runAsGroup, seccompProfile, appArmorProfile } = context;
  return [
    ...checkRange(`${path}.runAsUser`, runAsUser, ID_RANGE),
    ...checkRange(`${path}.runAsGroup`, runAsGroup, ID_RANGE),
    ...validateProfile(seccompProfile, `${path}.seccompProfile`, "seccomp"),
    ...validateProfile(appArmorProfile, `${path}.appArmorProfile`, "AppArmor"),
    ...validateEscalation(context, path),
  ];
}

/** A container with more rights than its creator's cannot promise to gain none. */
function validateEscalation(context: SecurityContext, path: string): Errors {
  const { allowPrivilegeEscalation, privileged, capabilities } = context;
  if (allowPrivilegeEscalation !== false) return [];
  const at = `${path}.allowPrivilegeEscalation`;
  const isAdmin = capabilities?.add?.some((each) => each === "CAP_SYS_ADMIN");
  const what = "cannot set `allowPrivilegeEscalation` to false and";
  return [
    ...when(privileged, invalidField(at, false, `${what} \`privileged\` to true`)),
    ...when(isAdmin, invalidField(at, false, `${what} \`capabilities.Add\` CAP_SYS_ADMIN`)),
  ];
}

function validateProfile(profile: SeccompProfile | undefined, path: string, what: "seccomp" | "AppArmor"): Errors {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const at = `${path}.localhostProfile`;
  if (type !== "Localhost") {
    const problem = `can only be set when ${what} type is Localhost`;
    return when(localhostProfile !== undefined, invalidField(at, localhostProfile, problem));
  }
  if (!localhostProfile) return [requiredField(at, `must be set when ${what} type is Localhost`)];
  return what === "seccomp" ? checkDescendingPath(at, localhostProfile) : [];
}
