// The object that an autoscaler scales: any kind with a scale subresource, found through discovery.

import { scale, type Scale } from "../../api/autoscaling/scale.ts";
import type { CrossVersionObjectReference } from "../../api/autoscaling/metric.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import type { Client } from "../../client/client.ts";
import { readAnswer } from "../../client/response-body.ts";
import { isNotFound } from "../../api/meta/status.ts";

export interface ScaleTarget {
  readonly resource: ResourceDefinition<Scale>;
  readonly scale: Scale;
}

/** A kind as discovery knows it. */
export interface KnownKind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

interface ResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** Throws an Error with Kubernetes' words for kinds that are not served, and StatusError as the server answers. */
export async function readScale(
  client: Client,
  { reference, namespace }: { readonly reference: CrossVersionObjectReference; readonly namespace: string },
  signal: AbortSignal,
): Promise<ScaleTarget> {
  const known = await findKind(client, reference, signal);
  const resource: ResourceDefinition<Scale> = {
    ...known,
    kind: "Scale",
    scope: known.namespaced ? "Namespaced" : "Cluster",
    schema: scale,
    columns: [],
  };
  const key = { name: reference.name, ...(known.namespaced && { namespace }) };
  return { resource, scale: await client.get(resource, key, { subresource: "scale", signal }) };
}

export async function findKind(
  client: Pick<Client, "raw">,
  { apiVersion = "", kind }: CrossVersionObjectReference,
  signal: AbortSignal,
): Promise<KnownKind> {
  const parts = apiVersion.split("/");
  if (parts.length > 2) throw new KindError(`unexpected GroupVersion string: ${apiVersion}`, "version");
  const [group, version] = parts.length === 2 ? parts : ["", parts[0] || "v1"];
  const path = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const { resources = [] } = await discover(client, path, signal);
  const found = resources.find((each) => each.kind === kind && !each.name.includes("/"));
  if (!found)
    throw new KindError(`no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`, "kind");
  return { group: group ?? "", version: version ?? "", plural: found.name, namespaced: found.namespaced };
}

/** A group or version that is not served has no kinds. */
async function discover(client: Pick<Client, "raw">, path: string, signal: AbortSignal): Promise<ResourceList> {
  try {
    return (await readAnswer(await client.raw({ method: "GET", path, signal }))) as ResourceList;
  } catch (error) {
    if (isNotFound(error)) return {};
    throw error;
  }
}

/** A reference that leads to no kind. */
export class KindError extends Error {
  readonly about: "version" | "kind";

  constructor(message: string, about: "version" | "kind") {
    super(message);
    this.name = "KindError";
    this.about = about;
  }
}
