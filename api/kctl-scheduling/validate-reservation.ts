// Rules for reservations. What they hold already stays as it is until the scheduler has found the place for what is wanted now.

import type { HeldReservation, Reservation } from "./reservation.ts";
import { validateAmounts } from "./validate-amounts.ts";
import { checkRole } from "./validate-framework.ts";
import { checkFormat, checkRange, checkRequired, eachItem, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateConditions } from "../meta/validate-conditions.ts";
import { validateLabels } from "../meta/validate-labels.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { duplicateField, forbiddenField, requiredField, type FieldError } from "../schema/field-error.ts";

/** Each is a record to change in the transaction that holds the reservation. */
export const RESERVED_NODES_MAX = 100;

export function validateReservation(reservation: Reservation, old?: Reservation): FieldError[] {
  const { spec, status } = reservation;
  const several = (spec.nodes ?? 1) > 1;
  return [
    ...validateMetadata(reservation, old, { name: subdomainProblems, scope: "Cluster" }),
    ...checkRole("spec.role", spec.role),
    ...when(Object.keys(spec.resources ?? {}).length === 0, requiredField("spec.resources", "what is to be set aside")),
    ...validateAmounts(spec.resources, "spec.resources"),
    ...checkFormat("spec.node", spec.node, subdomainProblems),
    ...when(spec.node && spec.nodeSelector, forbiddenField("spec.nodeSelector", "may not be given together with node")),
    ...when(spec.node && several, forbiddenField("spec.nodes", "may not be more than 1 where node is given")),
    ...validateLabels(spec.nodeSelector, "spec.nodeSelector"),
    ...checkRange("spec.nodes", spec.nodes, { min: 1, max: RESERVED_NODES_MAX }),
    ...validateHeld(status.held ?? []),
    ...validateConditions(status.conditions, "status.conditions"),
  ];
}

function validateHeld(held: readonly HeldReservation[]): readonly FieldError[] {
  const seen = new Set<string>();
  return eachItem(held, "status.held", ({ node, role, resources }, path) => {
    const isRepeated = seen.has(node);
    seen.add(node);
    return [
      ...checkRequired(`${path}.node`, node),
      ...when(isRepeated, duplicateField(`${path}.node`, node)),
      ...checkRole(`${path}.role`, role),
      ...validateAmounts(resources, `${path}.resources`),
    ];
  });
}
