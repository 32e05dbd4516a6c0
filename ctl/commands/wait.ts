// kctl wait: until objects are in a state, exist, or are gone.

import { isNotFound } from "../../api/meta/status.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { duration, onOff, textOr } from "../flags.ts";
import { observeObject, withinTime } from "../observe-object.ts";
import { outputFlags } from "../printers/output-format.ts";
import { createReport, type Report } from "../report.ts";
import type { selectObjects } from "../select-objects.ts";
import {
  fetchObject,
  planRequests,
  selectionFlags,
  throwErrors,
  type SelectedObject,
  type Target,
} from "../select-objects.ts";
import { selectNamed } from "../select-named.ts";
import type { Session } from "../session.ts";
import { isMet, parseWaitCondition, type WaitCondition } from "../wait/wait-condition.ts";

const WEEK_MS = 7 * 24 * 3_600_000;

export const wait = defineCommand({
  usage:
    "wait (TYPE NAME | TYPE/NAME | -f FILE) --for=(condition=NAME[=STATUS] | jsonpath=PATH[=VALUE] | create | delete)",
  examples: [
    "kctl wait pod/web --for=condition=Ready",
    "kctl wait deployment/web --for=jsonpath='{.status.readyReplicas}'=3 --timeout=2m",
    "kctl wait pods -l app=web --for=delete",
  ],
  flags: {
    ...selectionFlags,
    for: textOr("", "What to wait for.", { placeholder: "CONDITION" }),
    timeout: duration("How long to wait for each; 30s unless given, 0 to look once, negative for a week."),
    "allow-missing-template-keys": onOff("Accepted, and without effect.", { default: true }),
    ...outputFlags,
  },
  async run({ flags, args, session }) {
    const condition = parseWaitCondition(flags.for);
    const timeoutMs = flags.timeout === undefined ? 30_000 : flags.timeout < 0 ? WEEK_MS : flags.timeout;
    const { targets, errors } = await findTargets(session, { ...flags, args }, { condition, timeoutMs });
    if (targets.length === 0 && errors.length === 0) {
      if (condition.kind === "delete") return;
      throw new CommandError("no matching resources found");
    }
    const report = await createReport(session, flags);
    await Promise.all(
      targets.map((target) =>
        waitFor(session, target, { condition, timeoutMs, report }).catch((error: unknown) => errors.push(error)),
      ),
    );
    throwErrors(errors);
  },
});

interface Wait {
  readonly condition: WaitCondition;
  readonly timeoutMs: number;
}

/** Objects that are to be created, or may be gone already, need not be there. */
async function findTargets(
  session: Session,
  selection: Parameters<typeof selectObjects>[1],
  { condition }: Wait,
): Promise<{ targets: readonly Target[]; errors: unknown[] }> {
  const isPicked = Boolean(selection.selector ?? selection["field-selector"]) || selection.all === true;
  if (!isPicked && condition.kind === "create") {
    const named = (await planRequests(session, selection)).filter((each): each is Target => each.name !== undefined);
    if (named.length > 0) return { targets: named, errors: [] };
  }
  const { objects, errors } = await selectNamed(session, selection);
  const kept = condition.kind === "delete" ? errors.filter((error) => !isNotFound(error)) : [...errors];
  return { targets: objects, errors: kept };
}

async function waitFor(
  session: Session,
  target: Target & Partial<SelectedObject>,
  wait: Wait & { readonly report: Report },
): Promise<void> {
  const { condition, timeoutMs, report } = wait;
  const uid = target.object?.metadata.uid;
  if (timeoutMs === 0) return lookOnce(session, target, wait);
  const met = await withinTime(session, timeoutMs, async (signal) => {
    for await (const found of observeObject(session, target, signal)) {
      // Another object of the same name is not the one that was meant.
      const object = uid !== undefined && found?.metadata.uid !== uid ? undefined : found;
      if (isMet(condition, object)) return { object };
      // Whoever waits for a state of an object that has gone waits in vain.
      if (!object && condition.kind !== "create") throw new CommandError(`${describe(target)} has been deleted`);
    }
    return undefined;
  });
  if (!met) {
    const text =
      condition.kind === "create"
        ? "timed out waiting for the condition"
        : `timed out waiting for the condition on ${describe(target)}`;
    throw new CommandError(text);
  }
  report(target, met.object ?? emptyObject(target), "condition met");
}

async function lookOnce(session: Session, target: Target, { condition, report }: Wait & { readonly report: Report }) {
  const object = await fetchObject(session, target).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (!isMet(condition, object)) throw new CommandError(`condition not met for ${describe(target)}`);
  report(target, object ?? emptyObject(target), "condition met");
}

const describe = ({ type, name }: Target) => `${type.plural}/${name}`;

const emptyObject = ({ type, name, namespace }: Target) => ({
  apiVersion: type.group ? `${type.group}/${type.version}` : type.version,
  kind: type.kind,
  metadata: { name, ...(namespace && { namespace }) },
});
