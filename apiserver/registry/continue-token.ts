// The token that a client hands back to get the next page of a list. Opaque to clients; the form is kube-apiserver's.

import { posix } from "node:path";
import { StatusError } from "../../api/meta/status.ts";

export interface ContinueToken {
  /** The revision that the list shows; undefined: the newest, after the original one was compacted. */
  readonly revision?: number;
  /** The last key of the page before, relative to the prefix of the list. */
  readonly after: string;
}

/** Ends a key in a token: what comes next is the first key that could follow. */
const NEXT = "\u0000";

export const renderContinueToken = ({ revision = -1, after }: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: after + NEXT })).toString("base64url");

/** Throws BadRequest for what no server can have made. A token may come from another server, or for another list. */
export function parseContinueToken(text: string): ContinueToken {
  const { v, rv, start } = decode(text);
  if (v !== "meta.k8s.io/v1") throw refuse(`server does not recognize this encoded version ${JSON.stringify(v ?? "")}`);
  if (!Number.isSafeInteger(rv) || rv === 0) {
    throw refuse("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  }
  if (typeof start !== "string" || start === "") throw refuse("encoded start key empty (version meta.k8s.io/v1)");
  const key = start.startsWith("/") ? start : `/${start}`;
  // A key that leads elsewhere could read other kinds.
  if (posix.normalize(key) !== key || key === "/") throw refuse(start);
  const after = key.endsWith(NEXT) ? key.slice(1, -1) : key.slice(1);
  const revision = rv as number;
  return revision > 0 ? { revision, after } : { after };
}

function decode(text: string): Readonly<Record<string, unknown>> {
  if (!/^[\w-]*$/.test(text)) throw refuse("illegal base64 data");
  try {
    const token: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    if (typeof token === "object" && token !== null) return token as Readonly<Record<string, unknown>>;
  } catch {
    // Falls through to the one answer for everything that is no JSON object.
  }
  throw refuse("it holds no JSON object");
}

const refuse = (detail: string) =>
  new StatusError("BadRequest", `invalid continue token: continue key is not valid: ${detail}`);
