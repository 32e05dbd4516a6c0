// kctl scale: how many pods a workload has. Goes through the scale subresource, which every scalable kind has.

import { valueAt, type AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { duration, integer, integerOr, text } from "../flags.ts";
import { observeObject, withinTime } from "../observe-object.ts";
import { outputFlags } from "../printers/output-format.ts";
import { createReport, dryRunFlags, dryRunQuery, parseDryRun, type DryRun } from "../report.ts";
import { pathOfType } from "../resource-type.ts";
import { selectNamed } from "../select-named.ts";
import { selectionFlags, throwErrors, type SelectedObject } from "../select-objects.ts";
import type { Session } from "../session.ts";

export const scale = defineCommand({
  usage: "scale (TYPE NAME | TYPE/NAME | -f FILE) --replicas=COUNT",
  examples: ["kctl scale deployment/web --replicas=3", "kctl scale deployment/web --replicas=3 --current-replicas=2"],
  flags: {
    ...selectionFlags,
    replicas: integer("How many pods there shall be."),
    "current-replicas": integerOr(-1, "Scale only if there are so many now."),
    "resource-version": text("Scale only if the object has this version."),
    timeout: duration("Wait so long for the pods to be there."),
    ...dryRunFlags,
    ...outputFlags,
  },
  async run({ flags, args, session }) {
    const { replicas } = flags;
    if (replicas === undefined) throw new CommandError('required flag(s) "replicas" not set');
    if (replicas < 0) {
      throw new CommandError("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0");
    }
    const { objects, errors: missing } = await selectNamed(session, { ...flags, args });
    if (objects.length === 0 && missing.length > 0) throw noObjects(missing);
    if (objects.length === 0) throw new CommandError("no objects passed to scale");
    const dryRun = parseDryRun(flags["dry-run"]);
    const report = await createReport(session, { ...flags, dryRun });
    const errors = [...missing];
    const preconditions = { current: flags["current-replicas"], version: flags["resource-version"] };
    for (const selected of objects) {
      try {
        await scaleObject(session, selected, { replicas, preconditions, dryRun });
        if (flags.timeout && dryRun === "none") await waitForReplicas(session, selected, flags.timeout);
        report(selected, selected.object, "scaled");
      } catch (error) {
        errors.push(error);
      }
    }
    throwErrors(errors);
  },
});

function noObjects(missing: readonly unknown[]): CommandError {
  const texts = missing.map((error) => (error instanceof Error ? error.message : String(error)));
  return new CommandError(`no objects passed to scale ${texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`}`);
}

interface Wish {
  readonly replicas: number;
  readonly preconditions: { readonly current: number; readonly version: string | undefined };
  readonly dryRun: DryRun;
}

async function scaleObject(session: Session, selected: SelectedObject, wish: Wish): Promise<void> {
  const { replicas, preconditions, dryRun } = wish;
  const server = await session.server();
  const path = pathOfType(selected.type, { ...selected, subresource: "scale" });
  const old = (await server.call({ method: "GET", path })) as AnyObject;
  const current = Number(valueAt(old, "spec", "replicas") ?? 0);
  if (preconditions.current >= 0 && preconditions.current !== current) {
    throw new CommandError(`Expected replicas to be ${preconditions.current}, was ${current}`);
  }
  const { resourceVersion } = old.metadata;
  if (preconditions.version && preconditions.version !== resourceVersion) {
    throw new CommandError(`Expected resource version to be ${preconditions.version}, was ${resourceVersion}`);
  }
  if (dryRun === "client") return;
  // Only what the user has named a condition for is tied to the version that was read.
  const isConditional = preconditions.current >= 0 || preconditions.version;
  await server.call({
    method: "PATCH",
    path,
    query: { ...dryRunQuery(dryRun), fieldManager: "kubectl-scale" },
    contentType: "application/merge-patch+json",
    body: { ...(isConditional && { metadata: { resourceVersion } }), spec: { replicas } },
  });
}

async function waitForReplicas(session: Session, selected: SelectedObject, timeoutMs: number): Promise<void> {
  const isDone = (object: AnyObject) =>
    Number(object.metadata.generation ?? 0) <= Number(valueAt(object, "status", "observedGeneration") ?? 0) &&
    Number(valueAt(object, "spec", "replicas") ?? 0) === Number(valueAt(object, "status", "replicas") ?? 0);
  const done = await withinTime(session, timeoutMs, async (signal) => {
    for await (const object of observeObject(session, selected, signal)) {
      if (!object || isDone(object)) return true;
    }
    return undefined;
  });
  if (!done) throw new CommandError("timed out waiting for the condition");
}
