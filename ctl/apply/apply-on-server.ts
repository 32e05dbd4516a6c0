// Server-side apply of one manifest. Where the object was applied on the client's side before, its owners are brought along, which takes
// a few more requests once.

import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { isStatusError } from "../render-error.ts";
import { dryRunQuery } from "../report.ts";
import { pathOfType } from "../resource-type.ts";
import { fetchObject } from "../select-objects.ts";
import type { Session } from "../session.ts";
import type { Applied, ApplyOptions, ManifestTarget } from "./apply-options.ts";
import { ANNOTATION_OWNER, planAnnotation, planTakeOver } from "./take-over.ts";

type Placed = ManifestTarget & { readonly object: AnyObject };

/** kubectl's name for itself; others do not care for its annotation. */
const KUBECTL = "kubectl";
const ATTEMPTS = 5;

export async function applyOnServer(session: Session, placed: Placed, options: ApplyOptions): Promise<Applied> {
  if (options.dryRun === "client") {
    throw new CommandError("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
  }
  const done = "serverside-applied";
  let object = await send(session, placed, options).catch(explainConflict);
  const annotation = options.fieldManager === KUBECTL ? planAnnotation(object) : undefined;
  if (annotation) {
    const keep = { ...options, fieldManager: ANNOTATION_OWNER, forceConflicts: false };
    object = await send(session, { ...placed, object: annotation }, keep);
  }
  if (!(await takeOver(session, placed, { object, options }))) return { object, done };
  // Now that the owners are known, what the manifest has dropped can go.
  return { object: await send(session, placed, options), done };
}

async function send(session: Session, placed: Placed, options: ApplyOptions): Promise<AnyObject> {
  const server = await session.server();
  const call = server.call({
    method: "PATCH",
    path: pathOfType(placed.type, placed),
    contentType: "application/apply-patch+yaml",
    query: {
      fieldManager: options.fieldManager,
      force: options.forceConflicts,
      fieldValidation: options.fieldValidation,
      ...dryRunQuery(options.dryRun),
    },
    body: placed.object,
  });
  return (await call) as AnyObject;
}

function explainConflict(error: unknown): never {
  if (!isStatusError(error) || error.reason !== "Conflict") throw error;
  throw new CommandError(
    `${error.message}\nThese fields have other managers. Either take them over with --force-conflicts, or leave them out of the manifest, or give them the value that they have and share them.`,
  );
}

interface Taking {
  readonly object: AnyObject;
  readonly options: ApplyOptions;
}

/** Whether there was anything to take over. Somebody else may write in between: then it is decided anew. */
async function takeOver(session: Session, placed: Placed, { object, options }: Taking): Promise<boolean> {
  const server = await session.server();
  let current = object;
  for (let attempt = 1; ; attempt++) {
    const owners = planTakeOver(current, options.fieldManager);
    if (!owners) return false;
    try {
      await server.call({
        method: "PATCH",
        path: pathOfType(placed.type, placed),
        contentType: "application/json-patch+json",
        query: dryRunQuery(options.dryRun),
        body: [
          { op: "replace", path: "/metadata/managedFields", value: owners },
          { op: "replace", path: "/metadata/resourceVersion", value: current.metadata.resourceVersion },
        ],
      });
      return true;
    } catch (error) {
      if (!isStatusError(error) || error.reason !== "Conflict" || attempt >= ATTEMPTS) throw error;
      current = await fetchObject(session, placed);
    }
  }
}
