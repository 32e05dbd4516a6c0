// Revisions: which ReplicaSet runs the current template, how revisions are numbered, which old ones are kept. Pure.
// Annotations and rules as in Kubernetes, so that `kubectl rollout history` and `undo` work.

import type { Deployment } from "../../api/apps/deployment.ts";
import { DEPLOYMENT_NOTES } from "../../api/apps/deployment-options.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import type { PodTemplateSpec } from "../../api/core/pod-template.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";

export const TEMPLATE_HASH = "pod-template-hash";
export const REVISION = "deployment.kubernetes.io/revision";
export const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
export const DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
export const MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";

const REVISION_HISTORY_LENGTH_MAX = 2000;

/** Annotations of a Deployment that mean something else on a ReplicaSet, or nothing. */
const NOT_COPIED = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  "deprecated.deployment.rollback.to",
  ...DEPLOYMENT_NOTES,
]);

export const replicasOf = (replicaSet: ReplicaSet): number => replicaSet.spec.replicas ?? 1;

const byCreation = (a: ReplicaSet, b: ReplicaSet) =>
  a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp) ||
  a.metadata.name.localeCompare(b.metadata.name);

export interface History {
  /** The ReplicaSet of the current template; the oldest of them, should there be several. */
  readonly current: ReplicaSet | undefined;
  /** All others, oldest first. */
  readonly old: readonly ReplicaSet[];
}

export function readHistory(deployment: Deployment, replicaSets: readonly ReplicaSet[]): History {
  const sorted = [...replicaSets].sort(byCreation);
  const current = sorted.find((each) => sameTemplate(each.spec.template, deployment.spec.template));
  return { current, old: sorted.filter((each) => each !== current) };
}

/** Equal but for the label that tells ReplicaSets' pods apart. */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return semanticEqual(withoutHash(a), withoutHash(b));
}

/** As a Deployment has it: the label is its ReplicaSet's. */
export function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const labels = Object.entries(template.metadata?.labels ?? {}).filter(([key]) => key !== TEMPLATE_HASH);
  return { ...template, metadata: { ...template.metadata, labels: Object.fromEntries(labels) } };
}

const INTEGER = /^[-+]?[0-9]{1,19}$/;

/** 64 bits wide, as in Kubernetes: larger than JavaScript's numbers are exact. 0 for what is no such number. */
export function revisionOf({ metadata }: Pick<ReplicaSet | Deployment, "metadata">): bigint {
  const text = metadata.annotations?.[REVISION] ?? "";
  const revision = INTEGER.test(text) ? BigInt(text.replace("+", "")) : 0n;
  return BigInt.asIntN(64, revision) === revision ? revision : 0n;
}

const isReadable = (revision: string | undefined) => !revision || INTEGER.test(revision);

const byRevision = (a: ReplicaSet, b: ReplicaSet) => Number(revisionOf(a) - revisionOf(b));

/** One more than the newest of the old ones: rolling back to a template makes it the newest again. */
export const nextRevision = ({ old }: Pick<History, "old">): bigint =>
  old.map(revisionOf).reduce((highest, each) => (each > highest ? each : highest), 0n) + 1n;

/** What a rollout needs to know about each ReplicaSet when the Deployment is scaled meanwhile. */
export const sizeAnnotations = (deployment: Deployment, maxSurge: number): Readonly<Record<string, string>> => ({
  [DESIRED_REPLICAS]: String(deployment.spec.replicas ?? 1),
  [MAX_REPLICAS]: String((deployment.spec.replicas ?? 1) + maxSurge),
});

/** The annotations that the current ReplicaSet should have: the Deployment's own, and the revision. */
export function currentAnnotations(
  deployment: Deployment,
  revision: bigint,
  replicaSet?: ReplicaSet,
): Readonly<Record<string, string>> {
  const known = replicaSet?.metadata.annotations ?? {};
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.has(key));
  const annotations = { ...known, ...Object.fromEntries(copied) };
  const before = replicaSet ? revisionOf(replicaSet) : 0n;
  // A number that somebody has made unreadable is theirs to put right.
  if (revision <= before || !isReadable(known[REVISION])) return annotations;
  const numbered = { ...annotations, [REVISION]: String(revision) };
  if (!known[REVISION]) return numbered;
  return { ...numbered, [REVISION_HISTORY]: appendRevision(known[REVISION_HISTORY], before) };
}

/** Keeps the newest revisions that fit. */
function appendRevision(history: string | undefined, revision: bigint): string {
  const revisions = [...(history ? history.split(",") : []), String(revision)];
  while (revisions.join(",").length > REVISION_HISTORY_LENGTH_MAX) revisions.shift();
  return revisions.join(",");
}

/** Old ReplicaSets beyond revisionHistoryLimit, lowest revisions first; those that still have pods stay. */
export function planCleanup(deployment: Deployment, old: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const alive = old.filter(({ metadata }) => !metadata.deletionTimestamp);
  const excess = [...alive].sort(byRevision).slice(0, Math.max(0, alive.length - limit));
  return excess.filter(
    ({ spec, status, metadata }) =>
      spec.replicas === 0 &&
      (status.replicas ?? 0) === 0 &&
      (metadata.generation ?? 0) <= (status.observedGeneration ?? 0),
  );
}
