// Changes an object in place: reads it, plans the change as a pure function from object to object, and sends the difference. A
// change that somebody else got in before is planned anew on what they have left.

import { isConflict } from "../../api/meta/status.ts";
import { planMergePatch } from "../../api/schema/three-way.ts";
import type { AnyObject } from "../any-object.ts";
import { pathOfType } from "../resource-type.ts";
import { createReport, parseDryRun, type DryRun, type ReportOptions } from "../report.ts";
import { fetchObject, throwErrors, type Selected, type SelectedObject } from "../select-objects.ts";
import type { Session } from "../session.ts";

export interface Change {
  /** The object as it shall be. Pure; throws CommandError where that cannot be. */
  plan(object: AnyObject, target: SelectedObject): AnyObject;
  /** Whom the server notes as the owner of the fields. */
  readonly fieldManager: string;
  readonly dryRun: DryRun;
  /** The only version that may be changed; any unless given. */
  readonly resourceVersion?: string;
  /** What the change is written through; the object itself unless given. */
  readonly subresource?: string;
}

export interface Changed {
  readonly before: AnyObject;
  readonly after: AnyObject;
  /** False: it was as it shall be, and nothing has been sent. */
  readonly isChanged: boolean;
}

const ATTEMPTS_MAX = 6;

export async function changeObject(session: Session, selected: SelectedObject, change: Change): Promise<Changed> {
  let before = selected.object;
  for (let attempt = 1; ; attempt++) {
    const after = change.plan(before, selected);
    const patch = planMergePatch({ original: before, modified: after, current: before });
    const isChanged = Object.keys(patch).length > 0;
    if (change.dryRun === "client" || (!isChanged && !change.resourceVersion)) return { before, after, isChanged };
    try {
      return { before, after: await sendPatch(session, { ...selected, object: before }, { change, patch }), isChanged };
    } catch (error) {
      if (!isConflict(error) || change.resourceVersion || attempt === ATTEMPTS_MAX) throw error;
      before = await fetchObject(session, selected);
    }
  }
}

interface PlannedPatch {
  readonly change: Change;
  readonly patch: Readonly<Record<string, unknown>>;
}

async function sendPatch(session: Session, { type, object, ...key }: SelectedObject, { change, patch }: PlannedPatch) {
  const server = await session.server();
  const resourceVersion = change.resourceVersion ?? object.metadata.resourceVersion;
  return (await server.call({
    method: "PATCH",
    path: pathOfType(type, { ...key, subresource: change.subresource }),
    query: { fieldManager: change.fieldManager, dryRun: change.dryRun === "server" ? "All" : undefined },
    contentType: "application/merge-patch+json",
    // Lists are replaced as wholes, which is right for the version that was read and no other.
    body: { ...patch, metadata: { ...(patch.metadata as object | undefined), resourceVersion } },
  })) as AnyObject;
}

export interface ChangeAll extends Omit<Change, "dryRun"> {
  readonly flags: ReportOptions & { readonly "dry-run": string };
  /** What is said to have been done to an object; nothing is said where this is undefined. */
  describe(changed: Changed): string | undefined;
}

/** Changes each object that was selected and says so. What fails keeps nothing else from being changed; it is thrown at the end. */
export async function changeAll(session: Session, selected: Selected, change: ChangeAll): Promise<void> {
  const dryRun = parseDryRun(change.flags["dry-run"]);
  const report = await createReport(session, { ...change.flags, dryRun });
  const errors = [...selected.errors];
  for (const each of selected.objects) {
    try {
      const changed = await changeObject(session, each, { ...change, dryRun });
      const done = change.describe(changed);
      if (done !== undefined) report(each, changed.after, done);
    } catch (error) {
      errors.push(error);
    }
  }
  throwErrors(errors);
}
