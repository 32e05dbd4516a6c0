// Follows one object, or all that a selector picks, through a watch: what the commands that wait are made of.

import { isExpired, statusErrorOf, type Status } from "../api/meta/status.ts";
import type { AnyList, AnyObject } from "./any-object.ts";
import { pathOfType, type ResourceType } from "./resource-type.ts";
import type { Session } from "./session.ts";

export interface Observed {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

type Objects = ReadonlyMap<string, AnyObject>;

/**
 * The objects, by `namespace/name`, as they are now and after each change, until the signal is aborted, which it throws. Gaps
 * in the watch are bridged by listing again.
 */
export async function* observeObjects(
  session: Session,
  observed: Observed,
  signal: AbortSignal,
): AsyncGenerator<Objects, never> {
  const server = await session.server();
  const path = pathOfType(observed.type, observed);
  const { labelSelector, fieldSelector } = observed;
  const query = { labelSelector, fieldSelector };
  for (;;) {
    const listed = (await server.call({ method: "GET", path, query, signal })) as AnyList;
    const objects = new Map((listed.items ?? []).map((item) => [keyOf(item), withType(item, listed, observed)]));
    yield objects;
    const resourceVersion = listed.metadata?.resourceVersion;
    try {
      const events = server.watch({ method: "GET", path, query: { ...query, resourceVersion }, signal });
      for await (const { type, object } of events) {
        if (type === "ERROR") throw statusErrorOf(object as Status);
        if (type === "BOOKMARK") continue;
        if (type === "DELETED") objects.delete(keyOf(object as AnyObject));
        else objects.set(keyOf(object as AnyObject), object as AnyObject);
        yield objects;
      }
    } catch (error) {
      if (!isExpired(error)) throw error;
    }
    signal.throwIfAborted();
  }
}

const keyOf = ({ metadata }: AnyObject) => `${metadata.namespace ?? ""}/${metadata.name ?? ""}`;

const withType = (item: AnyObject, list: AnyList, { type }: Observed): AnyObject => ({
  ...item,
  apiVersion: item.apiVersion ?? list.apiVersion,
  kind: item.kind ?? type.kind,
});

export interface ObservedObject {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** One object's states, the present one first; undefined while there is none. */
export async function* observeObject(
  session: Session,
  { type, namespace, name }: ObservedObject,
  signal: AbortSignal,
): AsyncGenerator<AnyObject | undefined, never> {
  const fieldSelector = `metadata.name=${name}`;
  for await (const objects of observeObjects(session, { type, namespace, fieldSelector }, signal)) {
    yield objects.values().next().value;
  }
  throw signal.reason;
}

/**
 * What `run` resolves with, or undefined when `timeoutMs` have passed. Its signal is aborted when time is up or the user has
 * interrupted. Without a time limit it may take for ever.
 */
export async function withinTime<T>(
  session: Session,
  timeoutMs: number | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const { clock, signal } = session.io;
  const timeout = new AbortController();
  const cancel = timeoutMs === undefined ? undefined : clock.setTimer(timeoutMs, () => timeout.abort());
  try {
    return await run(AbortSignal.any([signal, timeout.signal]));
  } catch (error) {
    if (timeout.signal.aborted && !signal.aborted) return undefined;
    throw error;
  } finally {
    cancel?.();
  }
}
