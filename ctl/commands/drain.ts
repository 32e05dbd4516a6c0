// kctl drain: cordons nodes and evicts their pods, as far as that may be done.

import type { AnyObject } from "../any-object.ts";
import { nodeSelection, withUnschedulable } from "../changes/cordon-node.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { duration, integerOr, onOff, text } from "../flags.ts";
import { evictPods, type EvictionOptions } from "../pods/evict-pods.ts";
import { planDrain, type DrainPlan } from "../pods/plan-drain.ts";
import { createReport, dryRunFlags, parseDryRun, type DryRun, type Report } from "../report.ts";
import { selectObjects, throwErrors, type SelectedObject } from "../select-objects.ts";
import type { Session } from "../session.ts";
import { parseSelector, SelectorError } from "../../api/meta/selector.ts";

export const drain = defineCommand({
  usage: "drain NODE ...",
  description: "Evictions respect the pods' disruption budgets. Use uncordon to give the node pods again.",
  examples: ["kctl drain node-1 --ignore-daemonsets", "kctl drain node-1 --force --delete-emptydir-data"],
  flags: {
    selector: text("The labels that nodes must have.", { short: "l" }),
    "pod-selector": text("The labels of the pods to evict; all unless given."),
    force: onOff("Evict pods that no controller puts back."),
    "ignore-daemonsets": onOff("Leave the pods of daemon sets."),
    "delete-emptydir-data": onOff("Evict pods whose emptyDir data is lost with them."),
    "disable-eviction": onOff("Delete the pods, whatever their disruption budgets say."),
    "grace-period": integerOr(-1, "Seconds for each pod to end; its own unless given."),
    timeout: duration("How long to try; for ever unless given."),
    "skip-wait-for-delete-timeout": integerOr(0, "Leave pods that have been terminating for so many seconds."),
    "chunk-size": integerOr(500, "Accepted, and without effect."),
    ...dryRunFlags,
  },
  async run({ flags, args, session }) {
    if (args.length === 0 && !flags.selector) {
      throw new CommandError("USAGE: drain NODE [flags]\nSee 'kctl drain -h' for help and examples");
    }
    checkPodSelector(flags["pod-selector"]);
    const { objects, errors } = await selectObjects(session, nodeSelection(args, flags.selector));
    throwErrors(errors);
    const dryRun = parseDryRun(flags["dry-run"]);
    const report = await createReport(session, { output: undefined, dryRun });
    const options: DrainOptions = {
      force: flags.force,
      ignoreDaemonSets: flags["ignore-daemonsets"],
      deleteEmptyDirData: flags["delete-emptydir-data"],
      skipTerminatingSeconds: flags["skip-wait-for-delete-timeout"],
      labelSelector: flags["pod-selector"],
      eviction: {
        dryRun,
        graceSeconds: flags["grace-period"] < 0 ? undefined : flags["grace-period"],
        useDelete: flags["disable-eviction"],
        timeoutMs: flags.timeout || undefined,
      },
    };
    for (const node of objects) await cordonNode(session, node, { dryRun, report });
    const failures = new Map<string, readonly unknown[]>();
    for (const node of objects) {
      const problems = await drainNode(session, node, options);
      if (problems.length === 0) report(node, node.object, "drained");
      else failures.set(node.name, problems);
    }
    throwFailures(session, failures);
  },
});

interface DrainOptions extends Omit<Parameters<typeof planDrain>[1], "nowMs"> {
  readonly labelSelector: string | undefined;
  readonly eviction: EvictionOptions;
}

function checkPodSelector(selector: string | undefined): void {
  try {
    parseSelector(selector ?? "");
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw new CommandError("--pod-selector=<pod_selector> must be a valid label selector");
  }
}

async function cordonNode(
  session: Session,
  node: SelectedObject,
  { dryRun, report }: { readonly dryRun: DryRun; readonly report: Report },
): Promise<void> {
  const { changeObject } = await import("../changes/change-object.ts");
  const { after, isChanged } = await changeObject(session, node, {
    fieldManager: "kubectl-drain",
    dryRun,
    plan: (object: AnyObject) => withUnschedulable(object, true),
  });
  report(node, after, isChanged ? "cordoned" : "already cordoned");
}

/** Resolves with what kept the node from being drained. */
async function drainNode(session: Session, node: SelectedObject, options: DrainOptions): Promise<readonly unknown[]> {
  const { io } = session;
  const { listPods } = await import("../pods/pod-target.ts");
  const pods = await listPods(session, {
    namespace: undefined,
    fieldSelector: `spec.nodeName=${node.name}`,
    labelSelector: options.labelSelector,
  });
  const plan = planDrain(pods, { ...options, nowMs: io.clock.now() });
  const problems = plan.refusals.length > 0 ? refusalsOf(plan) : await evictAll(session, plan, options);
  if (problems.length > 0) {
    const texts = problems.map((problem) => (problem instanceof Error ? problem.message : String(problem)));
    const all = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
    io.err(`error: unable to drain node ${JSON.stringify(node.name)} due to error: ${all}, continuing command...\n`);
  }
  return problems;
}

const refusalsOf = ({ refusals }: DrainPlan) => refusals.map((text) => new CommandError(text));

async function evictAll(session: Session, plan: DrainPlan, { eviction }: DrainOptions): Promise<readonly unknown[]> {
  if (plan.warnings.length > 0) session.io.err(`Warning: ${plan.warnings.join("; ")}\n`);
  return evictPods(session, plan.evict, eviction);
}

function throwFailures({ io }: Session, failures: ReadonlyMap<string, readonly unknown[]>): void {
  if (failures.size === 0) return;
  io.err(`There are pending nodes to be drained:\n${[...failures.keys()].map((name) => ` ${name}\n`).join("")}`);
  throwErrors([...failures.values()].flat());
}
