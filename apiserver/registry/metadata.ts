// The part of metadata that the server owns: who an object is, since when, and how it ends. Clients may send it back as they
// got it, and may leave it out, but may not decide it.

import { forbiddenField, invalidField, requiredField, type FieldError } from "../../api/schema/field-error.ts";
import type { KubeObject, ObjectKey, ObjectMeta } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { StatusError, conflict, invalid } from "../../api/meta/status.ts";
import { formatTime, type Clock } from "../../lib/clock.ts";
import { omit } from "../omit.ts";
import { nameSuffix, uuid, type Random } from "../../lib/random.ts";

/** Generated names are cut to this, so that with their suffix they fit a label value. */
const GENERATED_BASE_MAX = 58;
const NAME_SUFFIX_LENGTH = 5;

export interface NewMetadataOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly resource: ResourceDefinition;
  /** The namespace in the path. */
  readonly namespace?: string;
}

/** The object as it is first stored: named, identified and dated. Throws when it has no name, or one for another place. */
export function withNewMetadata<T extends KubeObject>(object: T, options: NewMetadataOptions): T {
  const { clock, random, resource } = options;
  const sent: Partial<ObjectMeta> = omit(
    object.metadata ?? {},
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
  );
  if (sent.resourceVersion) {
    throw new StatusError("BadRequest", "resourceVersion should not be set on objects to be created");
  }
  const namespace = namespaceFor(sent, options);
  const name = sent.name || (sent.generateName ? generateName(sent.generateName, random) : "");
  if (!name) {
    throw invalid(resource, "", [requiredField("metadata.name", "name or generateName is required")]);
  }
  const nameErrors = findSegmentErrors(name);
  if (nameErrors.length > 0) throw invalid(resource, name, nameErrors);
  const metadata: ObjectMeta = {
    ...sent,
    name,
    ...(namespace !== undefined && { namespace }),
    uid: uuid(random),
    resourceVersion: "",
    creationTimestamp: formatTime(clock.now()),
  };
  return { ...object, metadata };
}

/** Kubernetes' rule for every kind: names are segments of paths and of keys. Kinds have narrower rules of their own. */
function findSegmentErrors(name: string): FieldError[] {
  const refuse = (detail: string) => [invalidField("metadata.name", name, detail)];
  if (name === "." || name === "..") return refuse(`may not be '${name}'`);
  const character = ["/", "%"].find((each) => name.includes(each));
  return character ? refuse(`may not contain '${character}'`) : [];
}

export const generateName = (base: string, random: Random): string =>
  base.slice(0, GENERATED_BASE_MAX) + nameSuffix(random, NAME_SUFFIX_LENGTH);

/** The name of a new object as far as its sender has said it: all that a generated one begins with. */
export function nameAsSent({ name, generateName }: ObjectMeta): string {
  const base = generateName?.slice(0, GENERATED_BASE_MAX);
  const isGenerated = base && name.startsWith(base) && name.length === base.length + NAME_SUFFIX_LENGTH;
  return isGenerated ? (generateName ?? name) : name;
}

function namespaceFor(
  { namespace: sent, name }: Partial<ObjectMeta>,
  { resource, namespace }: NewMetadataOptions,
): string | undefined {
  if (resource.scope === "Cluster") {
    if (!sent) return undefined;
    throw invalid(resource, name ?? "", [forbiddenField("metadata.namespace", "not allowed on this type")]);
  }
  if (sent && sent !== namespace) {
    throw new StatusError(
      "BadRequest",
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  }
  return namespace;
}

export interface ReplacementOptions {
  readonly resource: ResourceDefinition;
  readonly target: ObjectKey;
  readonly requiresResourceVersion?: boolean;
}

/** The object as the next version of `old`. Throws Conflict when it was made from another version, or of another object. */
export function withKeptMetadata<T extends KubeObject>(object: T, old: KubeObject, options: ReplacementOptions): T {
  const { resource, target } = options;
  const sent: Partial<ObjectMeta> = object.metadata ?? {};
  assertSameTarget(sent, options);
  if (sent.uid && sent.uid !== old.metadata.uid) {
    throw conflict(
      resource,
      target.name,
      `Precondition failed: UID in precondition: ${sent.uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  if (sent.resourceVersion && sent.resourceVersion !== old.metadata.resourceVersion) {
    throw conflict(
      resource,
      target.name,
      "the object has been modified; please apply your changes to the latest version and try again",
    );
  }
  if (!sent.resourceVersion && options.requiresResourceVersion) {
    throw invalid(resource, target.name, [
      invalidField("metadata.resourceVersion", 0, "must be specified for an update"),
    ]);
  }
  const errors = findMetadataErrors(sent, old.metadata);
  if (errors.length > 0) throw invalid(resource, target.name, errors);
  return { ...object, metadata: keepServerFields(sent, old.metadata) };
}

/** Throws BadRequest where the object names itself differently from its path. */
export function assertSameTarget(
  sent: Partial<ObjectMeta>,
  { resource, target }: Pick<ReplacementOptions, "resource" | "target">,
): void {
  if (sent.name && sent.name !== target.name) {
    throw new StatusError(
      "BadRequest",
      `the name of the object (${sent.name}) does not match the name on the URL (${target.name})`,
    );
  }
  if (resource.scope === "Namespaced" && sent.namespace && sent.namespace !== target.namespace) {
    throw new StatusError(
      "BadRequest",
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  }
}

function keepServerFields(sent: Partial<ObjectMeta>, old: ObjectMeta): ObjectMeta {
  return {
    ...omit(sent, "selfLink", "managedFields"),
    name: old.name,
    ...(old.namespace !== undefined && { namespace: old.namespace }),
    uid: old.uid,
    resourceVersion: old.resourceVersion,
    creationTimestamp: old.creationTimestamp,
    ...keep(old, "generation"),
    ...keep(old, "deletionTimestamp"),
    ...keep(old, "deletionGracePeriodSeconds"),
    ...keep(old, "generateName"),
    ...keep(old, "managedFields"),
  };
}

const keep = (old: ObjectMeta, field: keyof ObjectMeta) => (old[field] === undefined ? {} : { [field]: old[field] });

const IMMUTABLE = ["creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] as const;

function findMetadataErrors(sent: Partial<ObjectMeta>, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = IMMUTABLE.filter(
    (field) => sent[field] !== undefined && sent[field] !== null && sent[field] !== old[field],
  ).map((field) => invalidField(`metadata.${field}`, sent[field], "field is immutable"));
  if (old.deletionTimestamp) {
    const added = (sent.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer));
    if (added.length > 0) {
      const list = added.map((finalizer) => JSON.stringify(finalizer)).join(", ");
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
      errors.push(forbiddenField("metadata.finalizers", detail));
    }
  }
  return errors;
}
