// Replaces objects. Updates, patches, status writes, scaling and binding all come down to `modify`: read, decide, store the
// next version if nobody was faster.

import type { KubeObject } from "../../api/meta/object.ts";
import { notFound } from "../../api/meta/status.ts";
import { Stretch } from "../../lib/stretch.ts";
import { formatTime } from "../../lib/clock.ts";
import { admissionRequest, runAdmission, runValidation } from "../admission/run-admission.ts";
import type { Answer } from "../answer.ts";
import { targetOf, type ApiRequest } from "../api-request.ts";
import { planFences } from "../fence.ts";
import type { Server } from "../server.ts";
import type { Entry } from "../storage/cache-entry.ts";
import type { Owners } from "../ownership/owners.ts";
import { claimUpdate, isUnchanged, withOwners, type Replacement } from "./claim.ts";
import { planCreation } from "./create.ts";
import { mayRemove } from "./deletion.ts";
import { assertSameTarget, withKeptMetadata, withNewMetadata } from "./metadata.ts";
import { planPut, planRemoval } from "./plan-write.ts";
import { readDryRun, readObject } from "./request-object.ts";
import { transact, type Attempt } from "./transact.ts";
import { assertValid } from "./validate.ts";
import type { View } from "./view.ts";

export async function updateObject(server: Server, request: ApiRequest): Promise<Answer> {
  const sent = await readObject(request);
  const { served } = request;
  assertSameTarget(sent.metadata ?? {}, { resource: served.resource, target: targetOf(request) });
  const mayCreate = served.rules.createsOnUpdate === true && request.subresource === undefined;
  let status = 200;
  const create = (view: View) => {
    status = 201;
    return planUpsert(server, request, { view, sent });
  };
  const next = () => {
    status = 200;
    return sent;
  };
  const entry = await modify(server, request, { next, ...(mayCreate && { create }) });
  return { kind: "entry", status, entry };
}

interface Upsert {
  readonly view: View;
  readonly sent: KubeObject;
}

async function planUpsert(server: Server, request: ApiRequest, { view, sent }: Upsert): Promise<Attempt<Entry>> {
  request.authorize?.("create");
  const { clock, random } = server;
  const { namespace, served } = request;
  const { name } = targetOf(request);
  const nameless = { ...sent, metadata: { ...sent.metadata, name } };
  const object = withNewMetadata(nameless, { clock, random, resource: served.resource, namespace });
  return planCreation(server, request, { view, object });
}

export interface Modification {
  /** The object as the writer wants it, given the stored one. Called anew for each attempt; may throw StatusError. */
  next(old: KubeObject): KubeObject;
  /** What an update of this kind of subresource may change; the rules of the main resource unless given. */
  prepare?(object: KubeObject, old: KubeObject): KubeObject;
  /** What to do when there is no such object; NotFound unless given. */
  create?(view: View): Promise<Attempt<Entry>>;
  /** The owners of the object's fields afterwards; the rules for updates unless given. */
  claim?(replacement: Replacement): Owners;
  /** Writers that decide on the stored object itself need not name its version. */
  readonly isUnconditional?: boolean;
  /** The change is the server's own (a binding, say), which rules about what clients may change do not concern. */
  readonly isServersOwn?: boolean;
}

/** Stores the next version of the request's object, or leaves it as it is when nothing would change. */
export function modify(server: Server, request: ApiRequest, modification: Modification): Promise<Entry> {
  return transact(server, (view) => planModification(server, request, { ...modification, view }), {
    dryRun: readDryRun(request),
  });
}

export async function planModification(
  server: Server,
  request: ApiRequest,
  { view, next, prepare, create, claim, isUnconditional, isServersOwn }: Modification & { readonly view: View },
): Promise<Attempt<Entry>> {
  const { served } = request;
  const { resource } = served;
  const target = targetOf(request);
  const old = await view.get(served, target);
  if (!old) {
    if (create) return create(view);
    throw notFound(resource, target.name);
  }
  const requiresResourceVersion = served.rules.requiresResourceVersion && !isUnconditional;
  // Each step takes long for the largest objects.
  const stretch = new Stretch(server.clock);
  const wanted = next(old.object);
  await stretch.giveWay();
  const kept = withKeptMetadata(wanted, old.object, { resource, target, requiresResourceVersion });
  const replacement = { old: old.object, next: wanted };
  const owners = claim ? claim(replacement) : claimUpdate(server, request, replacement);
  await stretch.giveWay();
  const asked = admissionRequest(server, request, { operation: "UPDATE", key: target, old: old.object, view });
  const { object: admitted, besides } = await runAdmission(server.admission, { ...asked, object: kept });
  const prepared = (prepare ?? defaultPrepare(request, formatTime(server.clock.now())))(admitted, old.object);
  await stretch.giveWay();
  if (!isServersOwn) assertValid(request.version, prepared, old.object);
  await stretch.giveWay();
  if (request.subresource === undefined) request.warnings.push(...(resource.warnings?.(prepared) ?? []));
  const object = withOwners(prepared, owners);
  const conditions = await runValidation(server.admission, { ...asked, object });
  if (isUnchanged(prepared, old.object, owners)) return { outcome: () => old };
  const fences = await planFences(server.resources, request.http, view);
  const change = { key: target, old, object };
  const options = { view, besides: [...besides, ...conditions, ...fences] };
  return mayRemove(served, object) ? planRemoval(served, change, options) : planPut(served, change, options);
}

function defaultPrepare(
  { served: { resource }, subresource }: ApiRequest,
  now: string,
): (o: KubeObject, old: KubeObject) => KubeObject {
  if (subresource === "status")
    return (object, old) => resource.prepareStatus?.(object, old, now) ?? keepAllButStatus(object, old);
  return (object, old) => resource.prepare?.(object, old) ?? object;
}

const keepAllButStatus = (object: KubeObject, old: KubeObject): KubeObject => ({
  ...old,
  metadata: object.metadata,
  ...("status" in object ? { status: object.status } : {}),
});
