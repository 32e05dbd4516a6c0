// Who owns which fields after a write: decided on the object as the writer has sent it, before admission and the kind's own
// rules change it further, so that nobody owns what the server has filled in. That is Kubernetes' order, too.

import type { KubeObject } from "../../api/meta/object.ts";
import type { ManagedFieldsEntry } from "../../api/meta/object-meta.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { apiVersionOf, type ResourceDefinition } from "../../api/resource.ts";
import { formatTime } from "../../lib/clock.ts";
import type { ApiRequest } from "../api-request.ts";
import { omit } from "../omit.ts";
import { claimChanges } from "../ownership/claim-changes.ts";
import { compareFields, type Changes } from "../ownership/compare-fields.ts";
import { writerOf } from "../ownership/writer.ts";
import { fieldsOfNew } from "../ownership/new-fields.ts";
import { ownedKindOf } from "../ownership/owned-kind.ts";
import {
  NO_OWNERS,
  ownersIn,
  readSentOwners,
  sameButTimes,
  soleOwner,
  type Owners,
  type Writer,
} from "../ownership/owners.ts";
import type { Server } from "../server.ts";
import { fromStored } from "../versions.ts";

/** The owners of a new object. Throws Invalid for a request that names its manager wrongly. */
export function claimNew(server: Server, request: ApiRequest, sent: KubeObject): Owners {
  const writer = writerOf(request);
  const owners = readSentOwners(sent.metadata.managedFields, NO_OWNERS) ?? NO_OWNERS;
  const { ownable } = ownedKindOf(request.version, request.subresource);
  const taken = fieldsOfNew(ownable, fromStored(request.version, sent));
  const now = () => formatTime(server.clock.now());
  if (owners.length === 0) return taken ? soleOwner(writer, taken, now()) : NO_OWNERS;
  const changes: Changes = { taken, removed: undefined };
  return claimChanges(owners, { writer, now, changesIn: () => changes });
}

export interface Replacement {
  readonly old: KubeObject;
  /** As the writer wants it. */
  readonly next: KubeObject;
}

/** The owners after an update; those of the old object, as they are, where nothing changes. Throws as claimNew. */
export function claimUpdate(server: Server, request: ApiRequest, { old, next }: Replacement): Owners {
  const writer = writerOf(request);
  const stored = ownersIn(old.metadata.managedFields);
  // Who changes a part of an object has no say about its owners.
  const sent = request.subresource === undefined ? readSentOwners(next.metadata.managedFields, stored) : undefined;
  const owners = sent ?? stored;
  // Nobody keeps track until somebody applies.
  if (owners.length === 0) return owners;
  const changesIn = changesBetween(server, request, { old, next, writer });
  return claimChanges(owners, { writer, now: () => formatTime(server.clock.now()), changesIn });
}

interface Difference extends Replacement {
  readonly writer: Writer;
}

function changesBetween(server: Server, request: ApiRequest, { old, next, writer }: Difference) {
  const compare = (version: ResourceDefinition): Changes => {
    const { ownable } = ownedKindOf(version, request.subresource);
    return compareFields(ownable, fromStored(version, old), fromStored(version, next));
  };
  const own = compare(request.version);
  return (apiVersion: string): Changes | undefined => {
    if (apiVersion === writer.apiVersion) return own;
    const version = versionOf(server, request, apiVersion);
    return version && compare(version);
  };
}

/** The request's kind in another version; undefined where it is not served in it any more. */
export function versionOf(server: Server, { served, version }: ApiRequest, apiVersion: string) {
  if (apiVersion === apiVersionOf(version)) return version;
  const slash = apiVersion.lastIndexOf("/");
  const [group, name] = [apiVersion.slice(0, Math.max(slash, 0)), apiVersion.slice(slash + 1)];
  const found = server.resources.findVersion(group, name, version.plural);
  return found?.served === served ? found.version : undefined;
}

/** The object with these owners, or with none. */
export function withOwners<T extends KubeObject>(object: T, owners: Owners): T {
  const { managedFields } = object.metadata;
  if (managedFields === owners || (owners.length === 0 && managedFields === undefined)) return object;
  const metadata =
    owners.length === 0
      ? omit(object.metadata, "managedFields")
      : { ...object.metadata, managedFields: owners as readonly ManagedFieldsEntry[] };
  return { ...object, metadata };
}

/** Whether the object stays as it is. That its owners would only be dated anew is no change. */
export function isUnchanged(object: KubeObject, old: KubeObject, owners: Owners): boolean {
  const stored = ownersIn(old.metadata.managedFields);
  if (owners !== stored && !sameButTimes(owners, stored)) return false;
  return semanticEqual(object, old);
}
