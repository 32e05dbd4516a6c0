// The scale subresource: the number of replicas of any workload, in one shape for all of them (autoscaling/v1 Scale).

import { scale, type Scale } from "../../api/autoscaling/scale.ts";
import { renderSelector, selectorOf, selectorOfLabels, type Selector } from "../../api/meta/selector.ts";
import type { LabelSelector } from "../../api/meta/label-selector.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { invalid, StatusError } from "../../api/meta/status.ts";
import { invalidField } from "../../api/schema/field-error.ts";
import type { Answer } from "../answer.ts";
import type { ApiRequest } from "../api-request.ts";
import { readEntry } from "../registry/get.ts";
import { assertSameTarget } from "../registry/metadata.ts";
import { patched, readPatch } from "../registry/patch.ts";
import { readObject, type Readable } from "../registry/request-object.ts";
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
      return setReplicas(server, request, () => sent);
    }
    case "PATCH": {
      const patch = await readPatch(request);
      return setReplicas(server, request, (old) =>
        patched<Scale>(request, { patch, old: scaleOf(old), kind: scaleKind }),
      );
    }
    default:
      throw new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource");
  }
}

async function setReplicas(server: Server, request: ApiRequest, decide: (old: KubeObject) => Scale): Promise<Answer> {
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
  return answer((await modify(server, request, { next, prepare, isUnconditional: true })).object);
}

const answer = (object: KubeObject): Answer => ({ kind: "object", status: 200, object: scaleOf(object) });
