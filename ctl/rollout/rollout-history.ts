// The revisions of a workload, and how to go back to one: replica sets of a deployment, controller revisions of others. Pure.

import type { ControllerRevision } from "../../api/apps/controller-revision.ts";
import type { Deployment } from "../../api/apps/deployment.ts";
import { DEPLOYMENT_NOTES } from "../../api/apps/deployment-options.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { deepEqual } from "../../lib/deep-equal.ts";
import { CommandError } from "../command-error.ts";
import { REVISION } from "./rollout-status.ts";

export type PodTemplate = Deployment["spec"]["template"];

export interface Workload extends KubeObject {
  readonly spec: Pick<Deployment["spec"], "template" | "selector">;
}

export interface Revision {
  readonly number: number;
  readonly changeCause: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  readonly template: PodTemplate;
}

const CHANGE_CAUSE = "kubernetes.io/change-cause";
const TEMPLATE_HASH = "pod-template-hash";
/** What belongs to the deployment as it is, and does not go back with its template. */
const NOT_ROLLED_BACK = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  REVISION,
  "deployment.kubernetes.io/revision-history",
  "deployment.kubernetes.io/desired-replicas",
  "deployment.kubernetes.io/max-replicas",
  "deprecated.deployment.rollback.to",
  ...DEPLOYMENT_NOTES,
]);

/** Oldest first. Replica sets that are not the deployment's are left out. */
export const readReplicaSets = (deployment: Workload, replicaSets: readonly ReplicaSet[]): readonly Revision[] =>
  sorted(replicaSets.filter((each) => isOf(deployment, each)).map(readReplicaSet));

/** Oldest first. Those that are not the workload's, or hold no template, are left out. */
export const readControllerRevisions = (
  workload: Workload,
  revisions: readonly ControllerRevision[],
): readonly Revision[] => sorted(revisions.filter((each) => isOf(workload, each)).map(readControllerRevision));

const isOf = (workload: Workload, { metadata }: KubeObject) =>
  metadata.ownerReferences?.some(({ uid }) => uid === workload.metadata.uid) ?? false;

const sorted = (revisions: readonly (Revision | undefined)[]): readonly Revision[] =>
  revisions.filter((revision) => revision !== undefined).sort((one, other) => one.number - other.number);

function readControllerRevision({ metadata, data, revision }: ControllerRevision): Revision | undefined {
  const { annotations = {} } = metadata;
  const template = (data as { readonly spec?: { readonly template?: PodTemplate } } | undefined)?.spec?.template;
  if (!template?.spec) return undefined;
  // Beside them, it says how to be merged.
  const { metadata: labels, spec } = template;
  return {
    number: revision,
    changeCause: annotations[CHANGE_CAUSE],
    annotations,
    template: { metadata: withoutNull(labels), spec },
  };
}

/** Kubernetes writes the time that a template never has as null. */
const withoutNull = (metadata: PodTemplate["metadata"]): PodTemplate["metadata"] =>
  metadata && Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== null));

function readReplicaSet({ metadata, spec }: ReplicaSet): Revision | undefined {
  const { annotations = {} } = metadata;
  const number = Number(annotations[REVISION]);
  if (!Number.isInteger(number) || !spec.template) return undefined;
  return { number, changeCause: annotations[CHANGE_CAUSE], annotations, template: spec.template };
}

/** Throws CommandError where the revisions have none of this number; 0 stands for the one before the newest. */
export function chooseRevision(workload: Workload, revisions: readonly Revision[], number: number): Revision {
  const found = number === 0 ? revisions.at(-2) : revisions.find((revision) => revision.number === number);
  if (found) return found;
  if (number !== 0) throw new CommandError(`unable to find specified revision ${number} in history`);
  throw new CommandError(
    workload.kind === "Deployment"
      ? `no rollout history found for deployment ${JSON.stringify(workload.metadata.name)}`
      : "no last revision to roll back to",
  );
}

/** The workload with the revision's template; undefined where it has that template already. */
export function planUndo(workload: Workload, revision: Revision): Workload | undefined {
  const { metadata, spec } = workload;
  const template = withoutHash(revision.template);
  if (deepEqual(template, withoutHash(spec.template))) return undefined;
  const restored = { ...workload, spec: { ...spec, template } };
  if (workload.kind !== "Deployment") return restored;
  const annotations = restoreAnnotations(metadata.annotations ?? {}, revision.annotations);
  return { ...restored, metadata: { ...metadata, annotations } };
}

type Annotations = Readonly<Record<string, string>>;

/** Of a deployment; other workloads keep what they have. */
function restoreAnnotations(present: Annotations, past: Annotations): Annotations {
  const kept = Object.entries(present).filter(([key]) => NOT_ROLLED_BACK.has(key));
  const restored = Object.entries(past).filter(([key]) => !NOT_ROLLED_BACK.has(key));
  return Object.fromEntries([...restored, ...kept]);
}

function withoutHash(template: PodTemplate): PodTemplate {
  const { metadata = {} } = template;
  const labels = Object.entries(metadata.labels ?? {}).filter(([key]) => key !== TEMPLATE_HASH);
  return { ...template, metadata: { ...metadata, labels: Object.fromEntries(labels) } };
}
