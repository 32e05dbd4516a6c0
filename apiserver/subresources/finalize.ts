// The finalize subresource of namespaces: the only way to change spec.finalizers, for those who have done their part of
// emptying the namespace.

import type { Namespace } from "../../api/core/namespace.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { Answer } from "../answer.ts";
import { targetOf, type ApiRequest } from "../api-request.ts";
import { assertSameTarget } from "../registry/metadata.ts";
import { readObject } from "../registry/request-object.ts";
import { modify } from "../registry/update.ts";
import type { Server } from "../server.ts";

export async function finalizeNamespace(server: Server, request: ApiRequest): Promise<Answer> {
  const sent = await readObject(request);
  assertSameTarget(sent.metadata, { resource: request.served.resource, target: targetOf(request) });
  const { object } = await modify(server, request, { next: () => sent, prepare: takeFinalizers });
  return { kind: "object", status: 200, object };
}

/** Takes both lists of finalizers from the request and everything else from the stored object. */
function takeFinalizers(object: KubeObject, old: KubeObject): KubeObject {
  const [sent, stored] = [object as Namespace, old as Namespace];
  const finalized: Namespace = {
    ...stored,
    metadata: { ...stored.metadata, finalizers: sent.metadata.finalizers },
    spec: { ...stored.spec, finalizers: sent.spec.finalizers },
  };
  return finalized;
}
