// The token that a client hands back to get the next page of a list. Opaque to clients; the form is kube-apiserver's.

import { StatusError } from "../../api/meta/status.ts";

export interface ContinueToken {
  /** The revision that the list shows; undefined: the newest, after the original one was compacted. */
  readonly revision?: number;
  /** The last key of the page before, relative to the kind's prefix. */
  readonly after: string;
}

export const renderContinueToken = ({ revision = -1, after }: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: after })).toString("base64url");

/** Throws BadRequest for what this server cannot have made. */
export function parseContinueToken(text: string): ContinueToken {
  try {
    const { v, rv, start } = JSON.parse(Buffer.from(text, "base64url").toString()) as Record<string, unknown>;
    if (v === "meta.k8s.io/v1" && Number.isSafeInteger(rv) && typeof start === "string" && start !== "") {
      const revision = rv as number;
      if (revision > 0) return { revision, after: start };
      if (revision === -1) return { after: start };
    }
  } catch {
    // Falls through to the one answer for everything that is no token.
  }
  throw new StatusError("BadRequest", "continue key is not valid: the token was not made by this server");
}
