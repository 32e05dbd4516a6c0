// The rules for the metadata of every kind, from Kubernetes' ObjectMeta validation.

import { qualifiedNameProblems } from "./label-syntax.ts";
import { checkFormat, checkNonNegative, checkUnchanged, eachItem, when } from "./field-checks.ts";
import { labelProblems, type Format } from "./names.ts";
import type { ObjectMetaFields, OwnerReference } from "./object-meta.ts";
import { validateLabels } from "./validate-labels.ts";
import { forbiddenField, invalidField, requiredField, tooLongField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];
type Strings = Readonly<Record<string, string>>;

const ANNOTATIONS_BYTES_MAX = 256 * 1024;
const STANDARD_FINALIZERS = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

export interface MetadataRules {
  /** The form of the kind's names. */
  readonly name: Format;
  readonly scope?: "Namespaced" | "Cluster";
}

interface WithMetadata {
  readonly metadata: ObjectMetaFields;
}

/** On update the name is not looked at again: it cannot change, and rules for new names may be stricter than they were. */
export function validateMetadata(object: WithMetadata, old: WithMetadata | undefined, rules: MetadataRules): Errors {
  const { metadata } = object;
  const errors = [
    ...(old ? validateMetadataUpdate(metadata, old.metadata) : validateNames(metadata, rules)),
    ...checkNonNegative("metadata.generation", metadata.generation),
    ...validateLabels(metadata.labels, "metadata.labels"),
    ...validateAnnotations(metadata.annotations, "metadata.annotations"),
    ...validateOwners(metadata.ownerReferences ?? []),
    ...validateFinalizers(metadata.finalizers ?? []),
  ];
  return errors;
}

function validateNames(metadata: ObjectMetaFields, { name: format, scope = "Namespaced" }: MetadataRules): Errors {
  const { name, generateName, namespace } = metadata;
  // The prefix of a generated name may end where a whole name may not.
  const prefix = generateName?.replace(/[-.]$/, "x");
  return [
    ...when(
      generateName !== undefined && prefix !== undefined,
      ...format(prefix || "x").map((problem) => invalidField("metadata.generateName", generateName, problem)),
    ),
    ...(name
      ? checkFormat("metadata.name", name, format)
      : [requiredField("metadata.name", "name or generateName is required")]),
    ...(scope === "Namespaced"
      ? namespace
        ? checkFormat("metadata.namespace", namespace, labelProblems)
        : [requiredField("metadata.namespace")]
      : when(namespace, forbiddenField("metadata.namespace", "not allowed on this type"))),
  ];
}

function validateMetadataUpdate(metadata: ObjectMetaFields, old: ObjectMetaFields): Errors {
  const added = (metadata.finalizers ?? []).filter((each) => !old.finalizers?.includes(each));
  const names = added.map((each) => JSON.stringify(each)).join(", ");
  const isStuck = old.deletionTimestamp !== undefined && added.length > 0;
  const problem = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${names}}`;
  return [
    ...when(isStuck, forbiddenField("metadata.finalizers", problem)),
    ...checkUnchanged("metadata.name", metadata.name, old.name),
    ...checkUnchanged("metadata.namespace", metadata.namespace || undefined, old.namespace),
    ...checkUnchanged("metadata.uid", metadata.uid || old.uid, old.uid),
    ...checkUnchanged(
      "metadata.creationTimestamp",
      metadata.creationTimestamp || old.creationTimestamp,
      old.creationTimestamp,
    ),
  ];
}

export function validateAnnotations(annotations: Strings | undefined, path: string): Errors {
  let bytes = 0;
  const errors = Object.entries(annotations ?? {}).flatMap(([key, value]) => {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
    return qualifiedNameProblems(key.toLowerCase()).map((problem) => invalidField(path, key, problem));
  });
  return [...errors, ...when(bytes > ANNOTATIONS_BYTES_MAX, tooLongField(path, ANNOTATIONS_BYTES_MAX))];
}

function validateOwners(owners: readonly OwnerReference[]): Errors {
  const path = "metadata.ownerReferences";
  const controllers = owners.filter((owner) => owner.controller).map((owner) => owner.name);
  const tooMany = `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0]} and ${controllers[1]}`;
  return [
    ...eachItem(owners, path, validateOwner),
    ...when(controllers.length > 1, invalidField(path, owners, tooMany)),
  ];
}

function validateOwner({ apiVersion = "", kind, name, uid }: OwnerReference, path: string): Errors {
  const version = apiVersion.includes("/") ? apiVersion.split("/")[1] : apiVersion;
  const banned = `${apiVersion}, Kind=${kind} is disallowed from being an owner`;
  return [
    ...when(!version, invalidField(`${path}.apiVersion`, apiVersion, "version must not be empty")),
    ...when(!kind, invalidField(`${path}.kind`, kind, "must not be empty")),
    ...when(!name, invalidField(`${path}.name`, name, "must not be empty")),
    ...when(!uid, invalidField(`${path}.uid`, uid, "must not be empty")),
    ...when(apiVersion === "v1" && kind === "Event", invalidField(path, { apiVersion, kind, name, uid }, banned)),
  ];
}

function validateFinalizers(finalizers: readonly string[]): Errors {
  const path = "metadata.finalizers";
  const both = finalizers.includes("orphan") && finalizers.includes("foregroundDeletion");
  return [
    ...finalizers.flatMap((each) => checkFormat(path, each, qualifiedNameProblems)),
    ...when(
      both,
      invalidField(path, finalizers, "finalizer orphan and finalizer foregroundDeletion cannot be both set"),
    ),
    ...eachItem(finalizers, path, checkFinalizerName),
  ];
}

/** Kubernetes' own finalizers are plain words; all others need a domain, so that they cannot be mistaken for them. */
export function checkFinalizerName(finalizer: string, path: string): Errors {
  const isKnown = finalizer.includes("/") || STANDARD_FINALIZERS.has(finalizer);
  const problem = "name is neither a standard finalizer name nor is it fully qualified";
  return when(!isKnown, invalidField(path, finalizer, problem));
}
