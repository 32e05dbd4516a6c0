// ControllerRevisions as Kubernetes' StatefulSets and DaemonSets keep them: each holds a patch that brings one template back,
// is named after a hash of it, and has a number that grows. Pure.

import type { ControllerRevision } from "../../api/apps/controller-revision.ts";
import type { PodTemplateSpec } from "../../api/core/pod-template.ts";
import type { KubeObject, NewObject } from "../../api/meta/object.ts";
import { ownerReferenceTo } from "../../api/meta/owner.ts";
import type { LabelSelector } from "../../api/meta/label-selector.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import type { ResourceDefinition } from "../../api/resource.ts";

/** On a pod: the revision of the template that it was made from. */
export const POD_REVISION = "controller-revision-hash";
/** Kubernetes' names take this much of the owner's. */
const PREFIX_LENGTH_MAX = 223;

/** What keeps revisions. */
export interface RevisionOwner extends KubeObject {
  readonly spec: {
    readonly selector: LabelSelector;
    readonly template: PodTemplateSpec;
    readonly revisionHistoryLimit?: number;
  };
  readonly status: { readonly collisionCount?: number };
}

export interface RevisionKind<O extends RevisionOwner> {
  readonly owner: ResourceDefinition<O>;
  /** The label of a revision that holds its hash. */
  readonly hashLabel: string;
}

/** By number, then by age: the last one is the newest. */
export function sortRevisions(revisions: readonly ControllerRevision[]): readonly ControllerRevision[] {
  return [...revisions].sort(
    (a, b) =>
      a.revision - b.revision ||
      a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp) ||
      a.metadata.name.localeCompare(b.metadata.name),
  );
}

export const nextRevision = (sorted: readonly ControllerRevision[]): number => (sorted.at(-1)?.revision ?? 0) + 1;

/** The newest revision of the owner's present template. */
export function findPresent(
  { spec }: RevisionOwner,
  sorted: readonly ControllerRevision[],
): ControllerRevision | undefined {
  const data = dataOf(spec.template);
  return sorted.findLast((each) => semanticEqual(each.data, data));
}

/** A revision for the owner's present template. `collisionCount` is part of what its name is made from. */
export function buildRevision<O extends RevisionOwner>(
  { owner: resource, hashLabel }: RevisionKind<O>,
  owner: O,
  { revision, collisionCount }: { readonly revision: number; readonly collisionCount: number },
): NewObject<ControllerRevision> {
  const { name, namespace, annotations } = owner.metadata;
  const data = dataOf(owner.spec.template);
  const hash = revisionHash(data, collisionCount);
  return {
    metadata: {
      name: `${name.slice(0, PREFIX_LENGTH_MAX)}-${hash}`,
      namespace,
      labels: { ...owner.spec.template.metadata?.labels, [hashLabel]: hash },
      ...(annotations && { annotations }),
      ownerReferences: [ownerReferenceTo(owner, resource)],
    },
    data,
    revision,
  };
}

/** The patch that puts the template back as it was, as Kubernetes writes it: Go shows the time that a template never has. */
export function dataOf(template: PodTemplateSpec): object {
  const metadata = { creationTimestamp: null, ...template.metadata };
  return { spec: { template: { ...template, metadata, $patch: "replace" } } };
}

/** Throws where the revision holds something else than a template. */
export function templateOf({ metadata, data }: ControllerRevision): PodTemplateSpec {
  const template = (data as { readonly spec?: { readonly template?: PodTemplateSpec } } | undefined)?.spec?.template;
  if (!template?.spec) throw new Error(`ControllerRevision ${metadata.name} holds no pod template`);
  return { metadata: template.metadata, spec: template.spec };
}

/** FNV-1 over the patch as Go writes it and the count, in the letters of generated names. */
export function revisionHash(data: object, collisionCount: number): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(goJson(data) + String(collisionCount))) {
    hash = (Math.imul(hash, 0x01000193) ^ byte) >>> 0;
  }
  return [...String(hash)].map((digit) => SAFE_LETTERS[digit.charCodeAt(0) % SAFE_LETTERS.length]).join("");
}

/** The alphabet of Kubernetes' generated names: without vowels and look-alikes. */
const SAFE_LETTERS = "bcdfghjklmnpqrstvwxz2456789";

/** Keys are sorted, and what could end a script in a page is escaped. */
function goJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
  return text.replace(/[<>&\u2028\u2029]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
