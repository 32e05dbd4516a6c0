// Creates the objects that every cluster has. What is there already stays as it is, and several servers may do it at once.

import type { KubeObject } from "../../api/meta/object.ts";
import { apiVersionOf } from "../../api/resource.ts";
import { applyDefaults } from "../../api/schema/default.ts";
import { withNewMetadata } from "../registry/metadata.ts";
import { planPut } from "../registry/plan-write.ts";
import { transact } from "../registry/transact.ts";
import { assertValid } from "../registry/validate.ts";
import type { Server } from "../server.ts";
import { storageKey } from "../served-resource.ts";
import type { SystemObject } from "./system-object.ts";

/** Rejects where the store cannot be written to, and for objects that break the rules of their kind. */
export async function createSystemObjects(server: Server, objects: readonly SystemObject[]): Promise<void> {
  await Promise.all(objects.map((each) => createIfMissing(server, each)));
}

async function createIfMissing(server: Server, system: SystemObject): Promise<void> {
  const served = server.resources.require(system.resource);
  const { namespace, name = "" } = system.object.metadata;
  const key = namespace ? { namespace, name } : { name };
  if (served.cache.get(storageKey(served, key))) return;
  const object = complete(server, system);
  await transact(server, async (view) => {
    if (view.isLive && (await view.get(served, key))) return { outcome: () => undefined };
    const { draft } = await planPut(served, { key, object }, { view });
    return { draft, outcome: () => undefined };
  });
}

/** As a request would leave it, but for the status, which clients cannot set. */
function complete({ clock, random }: Server, { resource, object: given }: SystemObject): KubeObject {
  const { namespace } = given.metadata;
  const typed = { ...structuredClone(given), apiVersion: apiVersionOf(resource), kind: resource.kind };
  const defaulted = applyDefaults(resource.schema, typed as unknown as KubeObject);
  const named = withNewMetadata(defaulted, { clock, random, resource, namespace });
  const prepared = resource.prepare?.(named) ?? named;
  const object = "status" in given ? { ...prepared, status: given.status } : prepared;
  assertValid(resource, object);
  return object;
}
