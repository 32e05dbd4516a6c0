// Sends a new object to the server, unless it is only to be looked at.

import type { AnyObject } from "../any-object.ts";
import { dryRunQuery, type DryRun } from "../report.ts";
import { pathOfType } from "../resource-type.ts";
import type { Target } from "../select-objects.ts";
import type { Session } from "../session.ts";

export interface NewObject {
  readonly object: AnyObject;
  readonly dryRun: DryRun;
  readonly fieldManager: string;
}

/** The object as the server has stored it; as it was given, where the client alone plays it through. */
export async function createObject(
  session: Session,
  { type, namespace }: Target,
  { object, dryRun, fieldManager }: NewObject,
): Promise<AnyObject> {
  if (dryRun === "client") return object;
  const server = await session.server();
  return (await server.call({
    method: "POST",
    path: pathOfType(type, { namespace }),
    query: { ...dryRunQuery(dryRun), fieldManager },
    body: object,
  })) as AnyObject;
}
