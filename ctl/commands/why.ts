// kctl why: what keeps pods pending, and the smallest change with which they would run.

import { isPodTerminal } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { outputFlags, parseOutput, renderObject, withoutManagedFields } from "../printers/output-format.ts";
import { loadPendingPods } from "../standalone-cluster.ts";
import { fetchObject, planRequests, type SelectedObject } from "../select-objects.ts";
import type { Session } from "../session.ts";
import { listRelated } from "../related-objects.ts";
import { renderAnswers, type Answer } from "../why/answer.ts";
import { listCluster } from "../why/cluster-lists.ts";
import { explainLack } from "../why/lacking-pods.ts";

export const why = defineCommand({
  usage: "why (POD | TYPE/NAME) [-o json]",
  description:
    "Asks the scheduler's own rules about the cluster as it is. Every change that is named was tried on a picture of the cluster: with it, the pod gets a node. For a workload it tells why pods are missing, or why those that it has are pending.",
  examples: ["kctl why web-0", "kctl why pod/web-0", "kctl why deployment/web", "kctl why pod/web-0 -o json"],
  flags: { output: outputFlags.output },
  async run({ flags, args, session }) {
    if (args.length === 0)
      throw new CommandError("USAGE: why (POD | TYPE/NAME)\nSee 'kctl why -h' for help and examples");
    const format = await parseOutput(session.io, flags.output);
    const selected = await findSubject(session, args);
    const answers = await explainSubject(session, selected);
    if (format.kind === "table") return void session.io.out(renderAnswers(answers));
    const shown = answers.map(withoutBookkeeping);
    session.io.out(renderObject(format, shown.length === 1 ? shown[0] : { items: shown }, selected.name));
  },
});

async function findSubject(session: Session, args: readonly string[]): Promise<SelectedObject> {
  const [first = ""] = args;
  const words = args.length === 1 && !first.includes("/") ? [`pod/${first}`] : args;
  const [request, ...others] = await planRequests(session, { args: words });
  const { name } = request ?? {};
  if (!request || name === undefined || others.length > 0) throw new CommandError("why takes the name of one object");
  const target = { ...request, name };
  return { ...target, object: await fetchObject(session, target) };
}

async function explainSubject(session: Session, { object, type }: SelectedObject): Promise<readonly Answer[]> {
  const { explain, pods } = await openExplainer(session);
  if (type.plural === "pods" && type.group === "") return [explain(object)];
  const { owned, workloads } = await findOwned(session, object, pods);
  const lacks: Answer[] = [];
  for (const workload of workloads) {
    const answer = await explainWorkload(session, workload);
    if (answer) lacks.push(answer);
  }
  const pending = owned.filter((pod) => !isPodTerminal(pod) && pod.status.phase !== "Running");
  const kept = pending.map((pod) => explain(pod)).filter(({ cause }) => cause !== "None");
  const answers = [...lacks, ...oneOfEach(kept)];
  if (answers.length > 0) return answers;
  const about = `${object.kind} ${object.metadata.namespace}/${object.metadata.name}`;
  const summary = `Nothing keeps any of its ${owned.length} pods from running, and nobody refuses to create more.`;
  return [{ about, cause: "None", summary, evidence: [], changes: [], advice: [] }];
}

interface Named {
  readonly namespace?: string;
  readonly name?: string;
}

async function openExplainer(session: Session) {
  const { kinds, explain } = await loadPendingPods();
  const { lists, hidden } = await listCluster(session, kinds);
  const view = lists as unknown as Parameters<typeof explain>[0];
  const note = hidden.length > 0 ? [`What you may not list was not looked at: ${hidden.join(", ")}.`] : [];
  return {
    pods: view.pods,
    explain({ metadata: { namespace, name } }: { readonly metadata: Named }): Answer {
      const key = `${namespace}/${name}`;
      const { pod, evidence, changes, ...rest } = explain(view, key);
      const told = changes.map(({ steps, edits }) => ({
        steps,
        edits: edits.map(({ verb, object }) => ({ verb, object: object as unknown as AnyObject })),
      }));
      const advice = rest.advice.map(({ steps }) => ({ steps, edits: [] }));
      return { ...rest, about: `Pod ${pod}`, evidence: [...evidence, ...note], changes: told, advice };
    },
  };
}

/** The pods that belong to the object, also through others such as replica sets, and all that they belong to. */
async function findOwned(session: Session, owner: AnyObject, pods: readonly Pod[]) {
  const workloads = [owner];
  if (owner.kind === "Deployment") {
    const path = `/apis/apps/v1/namespaces/${owner.metadata.namespace}/replicasets`;
    const sets = (await listRelated(session, { path })) ?? [];
    const own = sets.filter(({ metadata }) => isOwnedBy(metadata.ownerReferences, [owner]));
    workloads.push(...own.map((set) => ({ ...set, kind: "ReplicaSet" })));
  }
  const owned = pods.filter(({ metadata }) => isOwnedBy(metadata.ownerReferences, workloads));
  return { owned, workloads };
}

function isOwnedBy(references: unknown, owners: readonly AnyObject[]): boolean {
  const uids = Array.isArray(references)
    ? (references as readonly { readonly uid?: string }[]).map(({ uid }) => uid)
    : [];
  return owners.some(({ metadata }) => uids.includes(metadata.uid));
}

async function explainWorkload(session: Session, object: AnyObject): Promise<Answer | undefined> {
  const { namespace, uid } = object.metadata;
  const root = `/api/v1/namespaces/${namespace}`;
  const events = await listRelated(session, { path: `${root}/events`, fieldSelector: `involvedObject.uid=${uid}` });
  const quotas = await listRelated(session, { path: `${root}/resourcequotas` });
  const named = (quotas ?? []).map((quota) => ({ ...quota, apiVersion: "v1", kind: "ResourceQuota" }));
  return explainLack({ object, events: events ?? [], quotas: named });
}

/** Pods of one workload mostly wait for the same. */
function oneOfEach(answers: readonly Answer[]): readonly Answer[] {
  const first = new Map<string, Answer>();
  for (const answer of answers) {
    const key = `${answer.cause} ${answer.summary}`;
    if (!first.has(key)) first.set(key, answer);
  }
  return [...first.values()];
}

const withoutBookkeeping = (answer: Answer): Answer => ({
  ...answer,
  changes: answer.changes.map(({ steps, edits }) => ({
    steps,
    edits: edits.map(({ verb, object }) => ({ verb, object: withoutManagedFields(object) })),
  })),
});
