// Server-side apply: the client sends the part of an object that it has an opinion on, and the server merges it in and keeps
// track of whose each field is. An object that does not exist is created.

import type { KubeObject } from "../../api/meta/object.ts";
import { conflict, StatusError } from "../../api/meta/status.ts";
import { apiVersionOf, type ResourceDefinition } from "../../api/resource.ts";
import { formatTime } from "../../lib/clock.ts";
import type { Answer } from "../answer.ts";
import { targetOf, type ApiRequest } from "../api-request.ts";
import { applyOrTakeOver } from "../ownership/apply-or-take-over.ts";
import type { Applied, Convert } from "../ownership/apply-configuration.ts";
import { findAppliedErrors } from "../ownership/check-applied.ts";
import { applierOf, isForced } from "../ownership/writer.ts";
import { kindOf } from "../ownership/field-kind.ts";
import { ownedKindOf, structKindOf } from "../ownership/owned-kind.ts";
import { ownersIn, type Owners, type Writer } from "../ownership/owners.ts";
import type { Server } from "../server.ts";
import { fromStored, toStored } from "../versions.ts";
import { versionOf } from "./claim.ts";
import { planCreation } from "./create.ts";
import { assertSameTarget, withNewMetadata } from "./metadata.ts";
import { assertStrict, readConfiguration, type Configuration } from "./read-configuration.ts";
import { decodeAs, type Readable } from "./request-object.ts";
import { modify } from "./update.ts";
import type { View } from "./view.ts";

export async function applyObject(server: Server, request: ApiRequest): Promise<Answer> {
  const writer = applierOf(request);
  const { version } = request;
  const configuration = await readConfiguration(request);
  let outcome: Outcome = { owners: [], status: 200 };
  const next = (old: KubeObject): KubeObject => {
    const live = fromStored(version, old);
    const owners = ownersIn(old.metadata.managedFields);
    const applied = applyTo(server, request, { kind: version, live, owners, configuration, writer });
    assertStrict(request, configuration);
    outcome = { owners: applied.owners, status: 200 };
    return applied.object === live ? old : decodeApplied(request, applied, version);
  };
  const create = async (view: View) => {
    const applied = applyTo(server, request, { kind: version, live: {}, owners: [], configuration, writer });
    assertStrict(request, configuration);
    outcome = { owners: applied.owners, status: 201 };
    const object = asNew(server, request, decodeApplied(request, applied, version));
    request.authorize?.("create");
    return planCreation(server, request, { view, object, owners: applied.owners });
  };
  const mayCreate = request.subresource === undefined;
  const claim = () => outcome.owners;
  const entry = await modify(server, request, {
    next,
    claim,
    isUnconditional: true,
    ...(mayCreate && { create }),
  });
  return { kind: "entry", status: outcome.status, entry };
}

interface Outcome {
  readonly owners: Owners;
  readonly status: 200 | 201;
}

const decodeApplied = (request: ApiRequest, { object }: Applied, version: ResourceDefinition): KubeObject =>
  toStored(version, decodeAs<KubeObject>(request, { value: object, duplicates: [] }, version));

/** Throws for a configuration that means another object, or one that has been there. */
function asNew({ clock, random }: Server, request: ApiRequest, object: KubeObject): KubeObject {
  const { served, namespace } = request;
  const { resource } = served;
  const target = targetOf(request);
  const { uid, name } = object.metadata;
  if (uid) {
    const detail = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(resource, target.name, detail);
  }
  if (!name) {
    const detail = "was undeterminable: name must be provided";
    throw new StatusError("BadRequest", `the name of the object (${target.name} based on URL) ${detail}`);
  }
  assertSameTarget(object.metadata, { resource, target });
  return withNewMetadata(object, { clock, random, resource, namespace });
}

/** An object, or a subresource of its own kind, that a configuration is applied to. */
export interface Applicable {
  readonly kind: Readable & Pick<ResourceDefinition, "plural" | "subresources">;
  /** `{}` where there is none yet. */
  readonly live: object;
  readonly owners: Owners;
  readonly configuration: Configuration;
  readonly writer: Writer;
}

/** Throws BadRequest for a configuration of another kind, Conflict where others own what it would change. */
export function applyTo(server: Server, request: ApiRequest, { kind, ...input }: Applicable): Applied {
  const { live, owners, configuration, writer } = input;
  const { full, ownable, reset } = ownedKindOf(kind, request.subresource);
  const config = checked(kind, configuration, request);
  return applyOrTakeOver({
    live,
    config,
    owners,
    writer,
    schema: kind.schema,
    kind: full,
    ownable,
    reset,
    time: formatTime(server.clock.now()),
    force: isForced(request.http),
    convert: converter(server, request),
  });
}

function checked(kind: Applicable["kind"], { value }: Configuration, request: ApiRequest): object {
  const { apiVersion = "", kind: name = "", metadata } = value as Partial<KubeObject>;
  const found = `${groupVersion(apiVersion)}, Kind=${name}`;
  if (apiVersion !== apiVersionOf(kind) || name !== kind.kind) {
    throw new StatusError("BadRequest", `invalid object type: ${found}`);
  }
  if (metadata?.managedFields !== undefined) {
    throw new StatusError("BadRequest", "metadata.managedFields must be nil");
  }
  const errors = findAppliedErrors(kindOf(kind.schema), value);
  if (errors !== undefined) {
    const where = `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}; ${found}`;
    // Kubernetes gives no reason with it.
    throw new StatusError("Unknown", `failed to create typed patch object (${where}): ${errors}`);
  }
  request.warnings.length = 0;
  return value;
}

/** `apps/v1`, `/v1` for the core group: as Go prints it. */
const groupVersion = (apiVersion: string): string => (apiVersion.includes("/") ? apiVersion : `/${apiVersion}`);

function converter(server: Server, request: ApiRequest): Convert {
  return (object, { from, to }) => {
    const [source, target] = [from, to].map((apiVersion) => versionOf(server, request, apiVersion));
    if (!source || !target) return undefined;
    const kind = structKindOf(target.schema);
    if (from === to || object === null || object === undefined) return { kind, object };
    return { kind, object: fromStored(target, toStored(source, object as KubeObject)) };
  };
}
