// For writes to objects that others may delete at any time: what is gone needs no write any more.

import { isNotFound } from "../api/meta/status.ts";

/** For `.catch()`: swallows NotFound, and throws everything else on. */
export function ignoreNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
