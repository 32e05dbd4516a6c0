// The template that a Deployment's pods are really made from: where its configuration is followed, the names of ConfigMaps and
// Secrets stand for the immutable copies that its note tells. Pure. A changed copy thus is a changed template, and is rolled out.

import type { Deployment } from "../../api/apps/deployment.ts";
import { CONFIGURATION_NOTE, followsConfiguration } from "../../api/apps/deployment-options.ts";
import { referenceKey, referencesIn, renameReferences } from "./template-references.ts";

/** The names of copies, by the keys of references. */
export type PinnedNames = Readonly<Record<string, string>>;

/** The Deployment with that template; undefined as long as the note does not tell all names. */
export function withPinnedConfiguration(deployment: Deployment): Deployment | undefined {
  if (!followsConfiguration(deployment)) return deployment;
  const { template } = deployment.spec;
  const names = readPinnedNames(deployment) ?? {};
  if (referencesIn(template).some((reference) => names[referenceKey(reference)] === undefined)) return undefined;
  const pinned = renameReferences(template, (reference) => names[referenceKey(reference)] ?? reference.name);
  return { ...deployment, spec: { ...deployment.spec, template: pinned } };
}

/** Undefined where there are none that can be read: people can write annotations. */
export function readPinnedNames({ metadata }: Pick<Deployment, "metadata">): PinnedNames | undefined {
  const text = metadata.annotations?.[CONFIGURATION_NOTE];
  if (text === undefined) return undefined;
  try {
    const entries = Object.entries((JSON.parse(text) ?? {}) as object).filter(([, name]) => typeof name === "string");
    return Object.fromEntries(entries);
  } catch {
    return undefined;
  }
}

/** Sorted, so that the same names are the same text. */
export const renderPinnedNames = (names: PinnedNames): string =>
  JSON.stringify(Object.fromEntries(Object.entries(names).sort(([a], [b]) => (a < b ? -1 : 1))));
