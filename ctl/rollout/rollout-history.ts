// The revisions of a deployment, which its replica sets are, and how to go back to one. Pure.

import type { Deployment } from "../../api/apps/deployment.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import { deepEqual } from "../../lib/deep-equal.ts";
import { CommandError } from "../command-error.ts";
import { REVISION } from "./rollout-status.ts";

export type PodTemplate = Deployment["spec"]["template"];

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
]);

/** Oldest first. Replica sets that are not the deployment's are left out. */
export function readRevisions(deployment: Deployment, replicaSets: readonly ReplicaSet[]): readonly Revision[] {
  return replicaSets
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === deployment.metadata.uid))
    .map(readRevision)
    .filter((revision) => revision !== undefined)
    .sort((one, other) => one.number - other.number);
}

function readRevision({ metadata, spec }: ReplicaSet): Revision | undefined {
  const { annotations = {} } = metadata;
  const number = Number(annotations[REVISION]);
  if (!Number.isInteger(number) || !spec.template) return undefined;
  return { number, changeCause: annotations[CHANGE_CAUSE], annotations, template: spec.template };
}

/** Throws CommandError where the revisions have none of this number; 0 stands for the one before the newest. */
export function chooseRevision(deployment: Deployment, revisions: readonly Revision[], number: number): Revision {
  const found = number === 0 ? revisions.at(-2) : revisions.find((revision) => revision.number === number);
  if (found) return found;
  throw new CommandError(
    number === 0
      ? `no rollout history found for deployment ${JSON.stringify(deployment.metadata.name)}`
      : `unable to find specified revision ${number} in history`,
  );
}

/** The deployment with the revision's template; undefined where it has that template already. */
export function planUndo(deployment: Deployment, revision: Revision): Deployment | undefined {
  const { metadata, spec } = deployment;
  const template = withoutHash(revision.template);
  if (deepEqual(template, withoutHash(spec.template))) return undefined;
  const { annotations: old = {} } = metadata;
  const kept = Object.entries(old).filter(([key]) => NOT_ROLLED_BACK.has(key));
  const restored = Object.entries(revision.annotations).filter(([key]) => !NOT_ROLLED_BACK.has(key));
  const annotations = Object.fromEntries([...restored, ...kept]);
  return { ...deployment, metadata: { ...metadata, annotations }, spec: { ...spec, template } };
}

function withoutHash(template: PodTemplate): PodTemplate {
  const { metadata = {} } = template;
  const labels = Object.entries(metadata.labels ?? {}).filter(([key]) => key !== TEMPLATE_HASH);
  return { ...template, metadata: { ...metadata, labels: Object.fromEntries(labels) } };
}
