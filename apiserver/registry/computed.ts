// Reads kinds of which nothing is stored: their objects are found out when they are asked for, and have no version.

import { notFound } from "../../api/meta/status.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { deepFreeze } from "../../lib/deep-freeze.ts";
import type { Answer } from "../answer.ts";
import { targetOf, type ApiRequest } from "../api-request.ts";
import { CachedEntry } from "../storage/cache-entry.ts";
import type { Selection } from "./selection.ts";

type Compute = () => Promise<readonly KubeObject[]>;

export async function getComputed(request: ApiRequest, compute: Compute): Promise<Answer> {
  const { name, namespace } = targetOf(request);
  const isMeant = ({ metadata }: KubeObject) => metadata.name === name && metadata.namespace === namespace;
  const object = (await compute()).find(isMeant);
  if (!object) throw notFound(request.served.resource, name);
  return { kind: "object", status: 200, object };
}

/** Of all namespaces unless one is given. */
export async function listComputed(
  compute: Compute,
  { selection, namespace }: { readonly selection: Selection; readonly namespace: string | undefined },
): Promise<Answer> {
  const isInside = ({ metadata }: KubeObject) => namespace === undefined || metadata.namespace === namespace;
  const objects = (await compute()).filter((object) => isInside(object) && selection.matches(object));
  const entries = objects.map((object) => new CachedEntry(object.metadata.name, deepFreeze(object), 0));
  return { kind: "list", entries, metadata: { resourceVersion: "" } };
}
