// What the server itself writes into definitions: which versions objects may be stored in, and the generation.

import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionStatus,
} from "./custom-resource-definition.ts";
import { withGeneration } from "../meta/generation.ts";

interface DefinitionDraft {
  spec: { versions: { name: string; storage: boolean }[] };
  status: { storedVersions?: string[] };
}

/** A definition is stored in some version from the beginning. */
export function completeDefinition({ spec, status }: DefinitionDraft): void {
  const stored = spec.versions.find(({ storage }) => storage);
  if (stored && !status.storedVersions?.length) status.storedVersions = [stored.name];
}

const NO_NAMES = { plural: "", kind: "" };

export function prepareDefinition(
  definition: CustomResourceDefinition,
  old?: CustomResourceDefinition,
): CustomResourceDefinition {
  const status = withStorageVersion(old ? old.status : { acceptedNames: NO_NAMES }, definition.spec);
  return withGeneration({ ...definition, status }, old, ({ spec }) => spec);
}

/** From the moment that a version is the one to store in, objects may be stored in it. */
function withStorageVersion(
  status: CustomResourceDefinitionStatus,
  { versions }: CustomResourceDefinitionSpec,
): CustomResourceDefinitionStatus {
  const { storedVersions = [] } = status;
  const added = versions.filter(({ name, storage }) => storage && !storedVersions.includes(name));
  return added.length > 0
    ? { ...status, storedVersions: [...storedVersions, ...added.map(({ name }) => name)] }
    : status;
}
