// How new a cache must be to answer: the meaning of the resourceVersion parameter of reads.

import { StatusError } from "../../api/meta/status.ts";
import type { WatchCache } from "../storage/watch-cache.ts";

/** Kubernetes' own patience with clients that ask for a version from the future. */
const PATIENCE_MS = 3000;

/**
 * Undefined: everything committed before the call. 0: no wait. Throws Timeout when the version does not come to be.
 * `caller` is asked for its signal only where there is something to wait for.
 */
export async function waitForVersion(
  cache: WatchCache,
  version: number | undefined,
  caller: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  if (version === undefined) return cache.fresh(caller);
  if (version <= cache.revision || (await cache.reached(version, PATIENCE_MS))) return;
  throw tooLarge(version, cache.revision);
}

export const tooLarge = (version: number, current: number): StatusError =>
  new StatusError("Timeout", `Timeout: Too large resource version: ${version}, current: ${current}`, {
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  });
