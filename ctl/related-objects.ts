// Lists objects that belong to another one, where the server has their kind and shows it to this user.

import type { AnyList, AnyObject } from "./any-object.ts";
import type { RelatedQuery } from "./describe/describer.ts";
import { isStatusError } from "./render-error.ts";
import type { Session } from "./session.ts";

/** Undefined where the server has no such kind, or does not show it. */
export async function listRelated(
  session: Session,
  { path, ...query }: RelatedQuery,
): Promise<readonly AnyObject[] | undefined> {
  try {
    const server = await session.server();
    return ((await server.call({ method: "GET", path, query })) as AnyList).items ?? [];
  } catch (error) {
    // A server without the kind, or one that does not show it to this user, has nothing to add.
    if (isStatusError(error) && ["NotFound", "Forbidden"].includes(error.reason)) return undefined;
    throw error;
  }
}
