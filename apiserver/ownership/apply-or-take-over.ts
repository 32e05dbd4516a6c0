// An apply as clients know it: what was there before anybody applied has an owner too, kubectl takes over from its own
// client-side apply, and conflicts are told in Kubernetes' words.

import type { ObjectShape } from "../../api/schema/schema.ts";
import { applyConfiguration, type Application, type Applied } from "./apply-configuration.ts";
import { FieldConflicts, fieldConflict } from "./field-conflict.ts";
import type { StructKind } from "./field-kind.ts";
import { difference } from "../../api/schema/field-set.ts";
import { fieldsLastApplied, KUBECTL, withLastApplied } from "./last-applied.ts";
import { fieldsOfNew } from "./new-fields.ts";
import { NO_OWNERS, ownerOf, type Owners } from "./owners.ts";

export interface ManagerApplication extends Application {
  readonly schema: ObjectShape;
  /** The part of the kind that can be owned. */
  readonly ownable: StructKind;
}

/** Throws StatusError Conflict, naming the owners who stand against it. */
export function applyOrTakeOver(application: ManagerApplication): Applied {
  const owners = application.owners.length > 0 ? application.owners : ownersBefore(application);
  const isKubectl = application.writer.manager === KUBECTL;
  const applied = tryApply({ ...application, owners }, isKubectl ? takeOver : refuse);
  return isKubectl ? { ...applied, object: withLastApplied(applied.object, application.config) } : applied;
}

const BEFORE = "before-first-apply";

/** Nobody has kept track so far, so that one owner stands for all who have written the object. */
function ownersBefore({ live, ownable, writer, time }: ManagerApplication): Owners {
  const fields = fieldsOfNew(ownable, live);
  return fields ? [ownerOf({ ...writer, manager: BEFORE, operation: "Update" }, fields, time)] : NO_OWNERS;
}

type OnConflict = (application: ManagerApplication, found: FieldConflicts) => Applied;

function tryApply(application: ManagerApplication, onConflict: OnConflict): Applied {
  try {
    return applyConfiguration(application);
  } catch (error) {
    if (error instanceof FieldConflicts) return onConflict(application, error);
    throw error;
  }
}

const refuse: OnConflict = (_, { conflicts }) => {
  throw fieldConflict(conflicts);
};

/** What kubectl has applied itself, the older way, is no conflict. */
const takeOver: OnConflict = (application, { conflicts }) => {
  const own = fieldsLastApplied(application.schema, application.live);
  const left = conflicts.flatMap(({ owner, fields }) => {
    const rest = difference(fields, own);
    return rest ? [{ owner, fields: rest }] : [];
  });
  if (left.length > 0) throw fieldConflict(left);
  return applyConfiguration({ ...application, force: true });
};
