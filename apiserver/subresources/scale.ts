// The scale subresource: the number of replicas of any workload, in one shape for all of them (autoscaling/v1 Scale).

import { scale, type Scale } from "../../api/autoscaling/scale.ts";
import { renderSelector, selectorOf, selectorOfLabels, type Selector } from "../../api/meta/selector.ts";
import { apiVersionOf } from "../../api/resource.ts";
import type { LabelSelector } from "../../api/meta/label-selector.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { invalid, StatusError } from "../../api/meta/status.ts";
import { invalidField } from "../../api/schema/field-error.ts";
import type { Answer } from "../answer.ts";
import type { ApiRequest } from "../api-request.ts";
import { readEntry } from "../registry/get.ts";
import { assertSameTarget } from "../registry/metadata.ts";
import { formatTime } from "../../lib/clock.ts";
import { claimChanges } from "../ownership/claim-changes.ts";
import { compareFields } from "../ownership/compare-fields.ts";
import { applierOf, writerOf } from "../ownership/writer.ts";
import { ownedKindOf } from "../ownership/owned-kind.ts";
import { NO_OWNERS, ownersIn, type Owners } from "../ownership/owners.ts";
import { ownersOfScale, ownersOfWorkload, SCALE_VERSION } from "../ownership/scale-owners.ts";
import { applyTo } from "../registry/apply.ts";
import type { Replacement } from "../registry/claim.ts";
import { isApply, patched, readPatch } from "../registry/patch.ts";
import { assertStrict, readConfiguration } from "../registry/read-configuration.ts";
import { decodeAs, readObject, type Readable } from "../registry/request-object.ts";
import { modify } from "../registry/update.ts";
import { targetOf } from "../api-request.ts";
import type { Server } from "../server.ts";

interface Scalable extends KubeObject {
  readonly spec: { readonly replicas?: number; readonly selector?: LabelSelector | Readonly<Record<string, string>> };
  readonly status?: { readonly replicas?: number };
}

export const scaleKind: Readable = { group: "autoscaling", version: "v1", kind: "Scale", schema: scale };

export function scaleOf(object: KubeObject): Scale {
  const { spec, status, metadata } = object as Scalable;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec.replicas ?? 0 },
    status: { replicas: status?.replicas ?? 0, selector: renderSelector(podsOf(object)) },
  };
}

/** Replication controllers are older than the form of selectors that all others have. */
function podsOf(object: KubeObject): Selector {
  const { selector } = (object as Scalable).spec;
  if (object.kind !== "ReplicationController") return selectorOf(selector);
  return selectorOfLabels((selector ?? {}) as Readonly<Record<string, string>>);
}

export async function serveScale(server: Server, request: ApiRequest): Promise<Answer> {
  switch (request.http.method) {
    case "GET":
      return answer((await readEntry(request)).object);
    case "PUT": {
      const sent = await readObject<Scale>(request, scaleKind);
      assertSameTarget(sent.metadata, { resource: request.served.resource, target: targetOf(request) });
      return setReplicas(server, request, { decide: () => sent });
    }
    case "PATCH": {
      if (isApply(request)) return applyScale(server, request);
      const patch = await readPatch(request);
      const decide = (old: KubeObject) => patched<Scale>(request, { patch, old: scaleOf(old), kind: scaleKind });
      return setReplicas(server, request, { decide });
    }
    default:
      throw new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource");
  }
}

async function applyScale(server: Server, request: ApiRequest): Promise<Answer> {
  const writer = { ...applierOf(request), apiVersion: SCALE_VERSION };
  const configuration = await readConfiguration(request);
  let owners: Owners = NO_OWNERS;
  const decide = (old: KubeObject): Scale => {
    const stored = ownersIn(old.metadata.managedFields);
    const input = { live: scaleOf(old), owners: ownersOfScale(stored), configuration, writer };
    const applied = applyTo(server, request, { kind: scaleAsKind, ...input });
    assertStrict(request, configuration);
    owners = ownersOfWorkload(stored, applied.owners, apiVersionOf(request.served.resource));
    return decodeAs<Scale>(request, { value: applied.object, duplicates: [] }, scaleKind);
  };
  return setReplicas(server, request, { decide, claim: () => owners });
}

/** As for other objects, but that the writer can own the replicas only. */
function claimReplicas(server: Server, request: ApiRequest, { old, next }: Replacement): Owners {
  const stored = ownersIn(old.metadata.managedFields);
  const writer = { ...writerOf(request), apiVersion: SCALE_VERSION };
  const changes = compareFields(ownedKindOf(scaleAsKind, "scale").ownable, scaleOf(old), scaleOf(next));
  const before = ownersOfScale(stored);
  // Where nobody owns the replicas nobody keeps track of them.
  if (before.length === 0) return stored;
  const now = () => formatTime(server.clock.now());
  const after = claimChanges(before, { writer, now, changesIn: () => changes });
  return after === before ? stored : ownersOfWorkload(stored, after, apiVersionOf(request.served.resource));
}

const scaleAsKind = { ...scaleKind, plural: "scales" };

interface Scaling {
  decide(old: KubeObject): Scale;
  claim?(replacement: Replacement): Owners;
}

async function setReplicas(server: Server, request: ApiRequest, scaling: Scaling): Promise<Answer> {
  const { decide, claim = (replacement) => claimReplicas(server, request, replacement) } = scaling;
  const { resource } = request.served;
  const next = (old: KubeObject): KubeObject => {
    const { spec, metadata } = decide(old);
    const replicas = spec.replicas ?? 0;
    if (replicas < 0) {
      const error = invalidField("spec.replicas", replicas, "must be greater than or equal to 0");
      throw invalid({ ...scaleKind, plural: "scales" }, old.metadata.name, [error]);
    }
    const { resourceVersion = "", uid = old.metadata.uid } = metadata;
    const changed: Scalable = {
      ...(old as Scalable),
      metadata: { ...old.metadata, resourceVersion, uid },
      spec: { ...(old as Scalable).spec, replicas },
    };
    return changed;
  };
  const prepare = (object: KubeObject, old: KubeObject) => resource.prepare?.(object, old) ?? object;
  return answer((await modify(server, request, { next, prepare, claim, isUnconditional: true })).object);
}

const answer = (object: KubeObject): Answer => ({ kind: "object", status: 200, object: scaleOf(object) });
