// Applies one manifest: creates the object, or patches what differs. Idempotent: a second time it is `unchanged`.

import type { AnyObject } from "../any-object.ts";
import { builtInSchema } from "../built-in-schema.ts";
import { CommandError } from "../command-error.ts";
import { isStatusError, withSource } from "../render-error.ts";
import { dryRunQuery } from "../report.ts";
import { pathOfType, qualifiedPlural } from "../resource-type.ts";
import { fetchObject, type Target } from "../select-objects.ts";
import type { Session } from "../session.ts";
import type { Applied, ApplyOptions, ManifestTarget } from "./apply-options.ts";
import { applyOnServer } from "./apply-on-server.ts";
import { LAST_APPLIED, withLastApplied } from "./last-applied.ts";
import { planApplyPatch } from "./plan-patch.ts";

const CONFLICT_ATTEMPTS = 5;

export async function applyObject(session: Session, target: ManifestTarget, options: ApplyOptions): Promise<Applied> {
  const { object, source } = target.manifest;
  if (!object.metadata.name) throw new CommandError(`from ${source}: cannot use generate name with apply`);
  const placed = target.namespace
    ? { ...object, metadata: { ...object.metadata, namespace: target.namespace } }
    : object;
  if (options.serverSide) return applyOnServer(session, { ...target, object: placed }, options);
  const modified = withLastApplied(placed);
  const current = await findCurrent(session, target);
  if (!current) return create(session, { ...target, object: modified }, options);
  warnAbout(session, target, current);
  return patchUntilTaken(session, { target, modified, current }, options);
}

type Placed = ManifestTarget & { readonly object: AnyObject };

async function findCurrent(session: Session, target: ManifestTarget): Promise<AnyObject | undefined> {
  try {
    return await fetchObject(session, target);
  } catch (error) {
    if (isStatusError(error) && error.reason === "NotFound") return undefined;
    throw withSource(error, "retrieving current configuration of", target.manifest.source);
  }
}

async function create(session: Session, placed: Placed, options: ApplyOptions): Promise<Applied> {
  const done = "created";
  if (options.dryRun === "client") return { object: placed.object, done };
  const server = await session.server();
  try {
    const object = await server.call({
      method: "POST",
      path: pathOfType(placed.type, { namespace: placed.namespace }),
      query: writeQuery(options),
      body: placed.object,
    });
    return { object: object as AnyObject, done };
  } catch (error) {
    throw withSource(error, "creating", placed.manifest.source);
  }
}

const writeQuery = ({ fieldManager, fieldValidation, dryRun }: ApplyOptions) => ({
  fieldManager,
  fieldValidation,
  ...dryRunQuery(dryRun),
});

function warnAbout({ io }: Session, { type, name }: Target, current: AnyObject): void {
  if (current.metadata.annotations?.[LAST_APPLIED] === undefined) {
    io.err(
      `Warning: resource ${qualifiedPlural({ ...type, group: "" })}/${name} is missing the ${LAST_APPLIED} annotation which is required by kctl apply. kctl apply should only be used on resources created declaratively by either kctl create --save-config or kctl apply. The missing annotation will be patched automatically.\n`,
    );
  }
  if (current.metadata.deletionTimestamp) {
    io.err(`Warning: Detected changes to resource ${name} which is currently being deleted.\n`);
  }
}

interface Change {
  readonly target: ManifestTarget;
  readonly modified: AnyObject;
  readonly current: AnyObject;
}

/** Somebody else may write in between: then the patch is made anew from what they left. */
async function patchUntilTaken(session: Session, change: Change, options: ApplyOptions): Promise<Applied> {
  let { current } = change;
  for (let attempt = 1; ; attempt++) {
    try {
      return await patch(session, { ...change, current }, options);
    } catch (error) {
      const isConflict = isStatusError(error) && error.reason === "Conflict";
      if (isConflict && attempt < CONFLICT_ATTEMPTS) {
        current = await fetchObject(session, change.target);
        continue;
      }
      if (options.force && isStatusError(error) && ["Conflict", "Invalid"].includes(error.reason)) {
        return recreate(session, change, options);
      }
      throw withSource(error, "applying patch to", change.target.manifest.source);
    }
  }
}

async function patch(session: Session, { target, modified, current }: Change, options: ApplyOptions): Promise<Applied> {
  const planned = planApplyPatch(builtInSchema(modified), { modified, current });
  if (planned.isEmpty) return { object: current, done: "unchanged" };
  if (options.dryRun === "client") return { object: modified, done: "configured" };
  const server = await session.server();
  const object = await server.call({
    method: "PATCH",
    path: pathOfType(target.type, target),
    contentType: planned.contentType,
    query: writeQuery(options),
    body: planned.patch,
  });
  return { object: object as AnyObject, done: "configured" };
}

async function recreate(session: Session, { target, modified }: Change, options: ApplyOptions): Promise<Applied> {
  const { deleteAndWait } = await import("../delete/delete-object.ts");
  await deleteAndWait(session, target, { gracePeriodSeconds: 0 });
  const { object } = await create(session, { ...target, object: modified }, options);
  return { object, done: "configured" };
}
