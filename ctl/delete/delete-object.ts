// Deletes one object, and waits until it is gone.

import { sleep } from "../../lib/clock.ts";
import { textAt, type AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { isStatusError } from "../render-error.ts";
import { pathOfType } from "../resource-type.ts";
import { describeTarget, fetchObject, type Target } from "../select-objects.ts";
import type { Session } from "../session.ts";

export interface DeleteChoice {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly isTrial?: boolean;
}

/** Sends the deletion, and resolves with the object's uid. The object may stay for its grace period or for finalizers. */
export async function deleteObject(
  session: Session,
  target: Target,
  choice: DeleteChoice,
): Promise<string | undefined> {
  const { gracePeriodSeconds, propagationPolicy, isTrial } = choice;
  const server = await session.server();
  const answer = await server.call({
    method: "DELETE",
    path: pathOfType(target.type, target),
    body: {
      kind: "DeleteOptions",
      apiVersion: "v1",
      ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
      ...(propagationPolicy && { propagationPolicy }),
      ...(isTrial && { dryRun: ["All"] }),
    },
  });
  return textAt(answer, "metadata", "uid") || textAt(answer, "details", "uid") || undefined;
}

const LOOK_AGAIN_MS = 500;

/**
 * Resolves when no object with that uid is left under the name. Watches, and looks again where a watch ends early. Rejects with
 * CommandError when `timeoutMs` have passed.
 */
export async function waitUntilGone(
  session: Session,
  target: Target & { readonly uid: string | undefined },
  timeoutMs: number,
): Promise<void> {
  const { clock, signal } = session.io;
  const timeout = new AbortController();
  const cancel = clock.setTimer(timeoutMs, () => timeout.abort());
  const ended = AbortSignal.any([signal, timeout.signal]);
  try {
    for (;;) {
      const object = await findObject(session, target);
      if (!object || (target.uid && object.metadata.uid !== target.uid)) return;
      await watchUntilDeleted(session, target, { resourceVersion: object.metadata.resourceVersion, signal: ended });
      if (timeout.signal.aborted) throw tooLate(target);
      await sleep(clock, LOOK_AGAIN_MS, ended);
    }
  } catch (error) {
    throw timeout.signal.aborted ? tooLate(target) : error;
  } finally {
    cancel();
  }
}

const tooLate = (target: Target) =>
  new CommandError(`timed out waiting for the condition on ${describeTarget(target)}`);

async function findObject(session: Session, target: Target): Promise<AnyObject | undefined> {
  try {
    return await fetchObject(session, target);
  } catch (error) {
    if (isStatusError(error) && error.reason === "NotFound") return undefined;
    throw error;
  }
}

async function watchUntilDeleted(
  session: Session,
  { type, namespace, name }: Target,
  { resourceVersion, signal }: { readonly resourceVersion: string | undefined; readonly signal: AbortSignal },
): Promise<void> {
  const server = await session.server();
  const query = { fieldSelector: `metadata.name=${name}`, resourceVersion };
  const call = { method: "GET" as const, path: pathOfType(type, { namespace }), query, signal };
  for await (const event of server.watch(call)) if (event.type === "DELETED" || event.type === "ERROR") return;
}

const FOR_EVER_MS = 7 * 24 * 3600 * 1000;

/** Deletes and waits for as long as it takes. */
export async function deleteAndWait(session: Session, target: Target, choice: DeleteChoice): Promise<void> {
  const object = await findObject(session, target);
  if (!object) return;
  await deleteObject(session, target, choice);
  await waitUntilGone(session, { ...target, uid: object.metadata.uid }, FOR_EVER_MS);
}
