// Creates the objects that every cluster has. What is there already stays as it is, and several servers may do it at once.

import type { KubeObject, ObjectKey } from "../../api/meta/object.ts";
import { apiVersionOf } from "../../api/resource.ts";
import { applyDefaults } from "../../api/schema/default.ts";
import { mergeDrafts, type Draft } from "../registry/draft.ts";
import { withNewMetadata } from "../registry/metadata.ts";
import { planPut } from "../registry/plan-write.ts";
import { transact } from "../registry/transact.ts";
import { assertValid } from "../registry/validate.ts";
import type { View } from "../registry/view.ts";
import type { Server } from "../server.ts";
import { storageKey } from "../served-resource.ts";
import type { SystemObject } from "./system-object.ts";

/** Objects of one transaction: etcd takes 128 checks and as many writes. */
const BATCH = 100;

/** Rejects where the store cannot be written to, and for objects that break the rules of their kind. */
export async function createSystemObjects(server: Server, objects: readonly SystemObject[]): Promise<void> {
  const missing = objects.filter((each) => {
    const served = server.resources.require(each.resource);
    return !served.cache.get(storageKey(served, keyOf(each)));
  });
  for (let start = 0; start < missing.length; start += BATCH) {
    const batch = missing.slice(start, start + BATCH).map((each) => ({ each, object: complete(server, each) }));
    await transact(server, async (view) => {
      const drafts = await Promise.all(batch.map(({ each, object }) => planIfMissing(server, each, { view, object })));
      const draft = mergeDrafts(drafts);
      return { ...(draft.writes.length > 0 && { draft }), outcome: () => undefined };
    });
  }
}

function keyOf({ object: { metadata } }: SystemObject): ObjectKey {
  const { namespace, name = "" } = metadata;
  return namespace ? { namespace, name } : { name };
}

interface Plan {
  readonly view: View;
  readonly object: KubeObject;
}

async function planIfMissing(server: Server, system: SystemObject, { view, object }: Plan): Promise<Partial<Draft>> {
  const served = server.resources.require(system.resource);
  const key = keyOf(system);
  if (view.isLive && (await view.get(served, key))) return {};
  return (await planPut(served, { key, object }, { view })).draft ?? {};
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
