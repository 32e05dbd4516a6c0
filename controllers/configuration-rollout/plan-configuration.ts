// Which copies of its ConfigMaps and Secrets a Deployment is to run with, and which of them have to be made. Pure.

import type { NewObject } from "../../api/meta/object.ts";
import type { PinnedNames } from "./pinned-template.ts";
import { absentName, buildSnapshot, isPinnedItself, isSnapshotOf, type Configuration } from "./snapshot.ts";
import { referenceKey, type ConfigurationKind, type Reference } from "./template-references.ts";
import { SNAPSHOT_OF } from "../../api/apps/deployment-options.ts";

export interface ConfigurationPlan {
  readonly names: PinnedNames;
  readonly create: readonly NewSnapshot[];
  /** Needed, and not there: in words. */
  readonly missing: readonly string[];
}

export interface NewSnapshot {
  readonly kind: ConfigurationKind;
  readonly original: Configuration;
  readonly snapshot: NewObject<Configuration>;
}

export interface KnownConfiguration {
  /** What the names stood for until now. */
  readonly names: PinnedNames;
  /** Of the Deployment's namespace. */
  find(kind: ConfigurationKind, name: string): Configuration | undefined;
}

const ATTEMPTS_MAX = 5;

export function planConfiguration(references: readonly Reference[], known: KnownConfiguration): ConfigurationPlan {
  const names: Record<string, string> = {};
  const create: NewSnapshot[] = [];
  const missing: string[] = [];
  for (const reference of references) {
    const key = referenceKey(reference);
    const original = known.find(reference.kind, reference.name);
    if (!original) {
      const { name, problem } = planMissing(reference, known);
      names[key] = name;
      if (problem) missing.push(problem);
    } else if (isPinnedItself(original)) {
      names[key] = reference.name;
    } else {
      const found = findSnapshot(reference.kind, original, known);
      names[key] = found?.snapshot.metadata.name ?? reference.name;
      if (!found) missing.push(`every name for a copy of ${key} is taken by something else; it is not pinned`);
      else if (!found.isThere) create.push({ kind: reference.kind, original, snapshot: found.snapshot });
    }
  }
  return { names, create, missing };
}

/** 1. Optional: that it is missing is what is pinned. 2. It was there: its last copy serves. 3. Else pods wait, as in Kubernetes. */
function planMissing(reference: Reference, known: KnownConfiguration): { name: string; problem?: string } {
  const { kind, name, isOptional } = reference;
  if (isOptional) return { name: absentName(name) };
  const last = known.names[referenceKey(reference)] ?? name;
  const copy = known.find(kind, last);
  const what = `${kind} ${JSON.stringify(name)} is missing`;
  if (last !== name && copy?.metadata.annotations?.[SNAPSHOT_OF] === name) {
    return { name: last, problem: `${what}; pods go on with its last copy, ${JSON.stringify(last)}` };
  }
  return { name, problem: `${what}; pods that need it wait for it` };
}

function findSnapshot(kind: ConfigurationKind, original: Configuration, known: KnownConfiguration) {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const snapshot = buildSnapshot(original, attempt);
    const found = known.find(kind, snapshot.metadata.name ?? "");
    if (!found || isSnapshotOf(original, found)) return { snapshot, isThere: found !== undefined };
  }
  return undefined;
}
