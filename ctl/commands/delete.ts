// kctl delete: objects by name, by manifest or by selector; and waits until they are gone.

import { CommandError } from "../command-error.ts";
import { defineCommand, type Call } from "../command.ts";
import { deleteObject, waitUntilGone, type DeleteChoice } from "../delete/delete-object.ts";
import { duration, integerOr, onOff, onOffUnsaid, text, textOr, type FlagTable } from "../flags.ts";
import { isStatusError, withSource } from "../render-error.ts";
import { dryRunFlags, parseDryRun, type DryRun } from "../report.ts";
import { listObjects, planRequests, selectionFlags, throwErrors, type Target } from "../select-objects.ts";
import type { Session } from "../session.ts";

const flags = {
  ...selectionFlags,
  ...dryRunFlags,
  output: text("name, for the names of what is deleted.", { short: "o" }),
  now: onOff("Give the pods a second to end, no more."),
  force: onOff("Do not wait for the pod's end to be confirmed: it may go on running. With --grace-period=0."),
  "grace-period": integerOr(-1, "How many seconds the pods get to end; negative for what they ask for."),
  cascade: textOr("background", "What happens to what the object owns: background, foreground or orphan.", {
    bare: "background",
  }),
  wait: onOff("Wait until the objects are gone.", { default: true }),
  timeout: duration("How long to wait; 0 for any time."),
  "ignore-not-found": onOffUnsaid("Say nothing of objects that do not exist, and succeed."),
} satisfies FlagTable;

export const deleteCommand = defineCommand({
  usage: "delete ([-f FILE] | TYPE [(NAME | -l label | --all)]) [flags]",
  examples: ["kctl delete -f app.yaml", "kctl delete pod web-0 --now", "kctl delete pods,services -l app=web"],
  flags,
  async run({ flags: given, args, session }) {
    checkOutput(given.output);
    if (args.length + given.filename.length + given.kustomize.length === 0) {
      throw new CommandError(
        "You must provide one or more resources by argument or filename. Example: kctl delete pod web",
      );
    }
    const dryRun = parseDryRun(given["dry-run"]);
    const choice = planDeletion(given, dryRun);
    if (given.force && choice.gracePeriodSeconds === 0) {
      session.io.err(
        "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n",
      );
    }
    const { targets, errors } = await findTargets(session, given, args);
    if (targets.length + errors.length === 0) session.io.err("No resources found\n");
    const deleted = await deleteAll(session, { targets, errors, choice, given, dryRun });
    if (given.wait && dryRun === "none" && !given.force)
      await waitForAll(session, deleted, given.timeout || FOR_EVER_MS);
    throwErrors(errors);
  },
});

type Given = Call<typeof flags>["flags"];
const FOR_EVER_MS = 7 * 24 * 3600 * 1000;

function checkOutput(output: string | undefined): void {
  if (output && output !== "name") {
    throw new CommandError(`unexpected -o output mode: ${output}. We only support '-o name'`);
  }
}

/** Pure; throws CommandError for flags that exclude each other. */
function planDeletion(given: Given, dryRun: DryRun): DeleteChoice {
  const grace = given["grace-period"];
  if (given.now && grace !== -1) throw new CommandError("--now and --grace-period cannot be specified together");
  if (grace > 0 && given.force)
    throw new CommandError("--force and --grace-period greater than 0 cannot be specified together");
  const seconds = given.now ? 1 : graceSeconds(grace, given.force);
  return {
    ...(seconds >= 0 && { gracePeriodSeconds: seconds }),
    propagationPolicy: readCascade(given.cascade),
    isTrial: dryRun === "server",
  };
}

/** Zero seconds alone would lose what is being written: kubectl makes it one, unless forced. */
function graceSeconds(grace: number, force: boolean): number {
  if (force) return 0;
  return grace === 0 ? 1 : grace;
}

function readCascade(word: string): DeleteChoice["propagationPolicy"] {
  const policy = CASCADES.get(word);
  if (policy) return policy;
  throw new CommandError(`invalid cascade value (${word}). Must be "background", "foreground", or "orphan"`);
}

const CASCADES: ReadonlyMap<string, DeleteChoice["propagationPolicy"]> = new Map([
  ["background", "Background"],
  ["true", "Background"],
  ["foreground", "Foreground"],
  ["orphan", "Orphan"],
  ["false", "Orphan"],
]);

/** Named objects are not looked up before: the deletion itself finds out whether they exist. */
async function findTargets(session: Session, given: Given, args: readonly string[]) {
  const targets: Target[] = [];
  const errors: unknown[] = [];
  const requests = await planRequests(session, { ...given, all: false, args });
  for (const { name, ...request } of requests) {
    if (name !== undefined) {
      targets.push({ ...request, name });
      continue;
    }
    if (!given.all && !given.selector && !given["field-selector"]) {
      throw new CommandError("resource(s) were provided, but no name was specified");
    }
    await listObjects(session, request, { ...given, args }).then(
      (found) => targets.push(...found),
      (error: unknown) => errors.push(error),
    );
  }
  return { targets, errors };
}

interface Deletion {
  readonly targets: readonly Target[];
  readonly errors: unknown[];
  readonly choice: DeleteChoice;
  readonly given: Given;
  readonly dryRun: DryRun;
}

type Deleted = Target & { readonly uid: string | undefined };

async function deleteAll(session: Session, { targets, errors, choice, given, dryRun }: Deletion): Promise<Deleted[]> {
  const ignoresMissing = given["ignore-not-found"] ?? (given.all || given.selector !== undefined);
  const deleted: Deleted[] = [];
  for (const target of targets) {
    try {
      const uid = dryRun === "client" ? undefined : await deleteObject(session, target, choice);
      deleted.push({ ...target, uid });
      session.io.out(describe(target, given, dryRun));
    } catch (error) {
      const isMissing = isStatusError(error) && error.reason === "NotFound";
      if (isMissing && ignoresMissing) continue;
      errors.push(target.manifest ? withSource(error, "deleting", target.manifest.source) : error);
    }
  }
  return deleted;
}

function describe({ type, name }: Target, given: Given, dryRun: DryRun): string {
  const word = `${type.singular || type.kind.toLowerCase()}${type.group ? `.${type.group}` : ""}`;
  if (given.output === "name") return `${word}/${name}\n`;
  const done = given.force ? "force deleted" : "deleted";
  const suffix = { none: "", client: " (dry run)", server: " (server dry run)" }[dryRun];
  return `${word} ${JSON.stringify(name)} ${done}${suffix}\n`;
}

const ERASE_LINE = "\r\u001b[K";

async function waitForAll(session: Session, deleted: readonly Deleted[], timeoutMs: number): Promise<void> {
  const { io } = session;
  let left = deleted.length;
  for (const target of deleted) {
    if (io.outIsTerminal)
      io.err(`${ERASE_LINE}Waiting until ${left} ${left === 1 ? "object is" : "objects are"} gone ...`);
    await waitUntilGone(session, target, timeoutMs);
    left--;
  }
  if (io.outIsTerminal && deleted.length > 0) io.err(ERASE_LINE);
}
