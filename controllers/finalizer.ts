// Adds and removes one finalizer of an object, if nobody has changed the object since it was looked at.

import type { KubeObject } from "../api/meta/object.ts";
import { ignoreNotFound } from "../api/meta/status.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import type { Client } from "../client/client.ts";

interface FinalizerChange<T extends KubeObject> {
  readonly resource: ResourceDefinition<T>;
  readonly object: T;
  readonly finalizer: string;
}

/** Does nothing where the object has it. Rejects with Conflict when somebody was faster. */
export async function addFinalizer<T extends KubeObject>(client: Client, change: FinalizerChange<T>): Promise<void> {
  const { object, finalizer } = change;
  const { finalizers = [] } = object.metadata;
  if (!finalizers.includes(finalizer)) await write(client, change, [...finalizers, finalizer]);
}

/** Does nothing where the object has it no more. Rejects with Conflict when somebody was faster. */
export async function removeFinalizer<T extends KubeObject>(client: Client, change: FinalizerChange<T>): Promise<void> {
  const { object, finalizer } = change;
  const { finalizers = [] } = object.metadata;
  if (!finalizers.includes(finalizer)) return;
  await write(
    client,
    change,
    finalizers.filter((each) => each !== finalizer),
  );
}

async function write<T extends KubeObject>(
  client: Client,
  { resource, object }: FinalizerChange<T>,
  finalizers: readonly string[],
): Promise<void> {
  const next = { ...object, metadata: { ...object.metadata, finalizers } };
  await client.update(resource, next).catch(ignoreNotFound);
}
