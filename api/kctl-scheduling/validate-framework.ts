// Rules for frameworks, their roles and the offers that they get. Whether a user may stand for a role is for admission to say.

import type { FrameworkRole } from "./framework-role.ts";
import type { Framework } from "./framework.ts";
import type { Offer } from "./offer.ts";
import { roleOfName, roleProblems } from "./sharing-role.ts";
import { validateAmounts } from "./validate-amounts.ts";
import {
  checkFormat,
  checkNonNegative,
  checkRange,
  checkRequired,
  checkUnchanged,
  eachItem,
  when,
} from "../meta/field-checks.ts";
import { labelProblems, subdomainProblems } from "../meta/names.ts";
import { validateConditions } from "../meta/validate-conditions.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

export function validateFramework(framework: Framework, old?: Framework): FieldError[] {
  const { spec, status } = framework;
  return [
    // The name is the value of a label on the framework's pods.
    ...validateMetadata(framework, old, { name: labelProblems, scope: "Cluster" }),
    ...checkRole("spec.role", spec.role),
    ...checkRequired("spec.owner", spec.owner),
    ...when(!spec.namespaces?.length, requiredField("spec.namespaces", "where the framework may start tasks")),
    ...eachItem(spec.namespaces, "spec.namespaces", (name, path) => checkFormat(path, name || "-", labelProblems)),
    ...validateAmounts(spec.minimum, "spec.minimum"),
    ...validateAmounts(spec.limit, "spec.limit"),
    ...checkRange("spec.offerTimeoutSeconds", spec.offerTimeoutSeconds, { min: 1, max: 3600 }),
    ...checkRange("spec.failoverTimeoutSeconds", spec.failoverTimeoutSeconds, { min: 1, max: 7 * 86_400 }),
    ...validateConditions(status.conditions, "status.conditions"),
    ...checkNonNegative("status.outstandingOffers", status.outstandingOffers),
    ...checkNonNegative("status.unansweredRounds", status.unansweredRounds),
  ];
}

export function validateFrameworkRole(role: FrameworkRole, old?: FrameworkRole): FieldError[] {
  const weight = role.spec.weight ?? 1;
  const nameProblems = (name: string) => {
    const problems = subdomainProblems(name);
    return problems.length > 0 ? problems : roleProblems(roleOfName(name));
  };
  return [
    ...validateMetadata(role, old, { name: nameProblems, scope: "Cluster" }),
    ...checkRange("spec.weight", weight, { min: 1, max: 1_000_000 }),
  ];
}

/** What an offer says cannot be changed: a framework must be able to rely on it. */
export function validateOffer(offer: Offer, old?: Offer): FieldError[] {
  const { spec, status } = offer;
  return [
    ...validateMetadata(offer, old, { name: subdomainProblems, scope: "Cluster" }),
    ...(old ? checkUnchanged("spec", spec, old.spec) : []),
    ...checkRequired("spec.framework", spec.framework),
    ...checkRole("spec.role", spec.role),
    ...checkRequired("spec.node", spec.node),
    ...checkRequired("spec.expiresAt", spec.expiresAt),
    ...when(Object.keys(spec.resources ?? {}).length === 0, requiredField("spec.resources")),
    ...validateAmounts(spec.resources, "spec.resources"),
    ...checkNonNegative("status.tasksStarted", status.tasksStarted),
    ...checkNonNegative("status.conflicts", status.conflicts),
  ];
}

export function checkRole(path: string, role: string | undefined): readonly FieldError[] {
  if (!role) return [requiredField(path)];
  return roleProblems(role).map((problem) => invalidField(path, role, problem));
}
