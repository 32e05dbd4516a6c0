// The one canonical form of a request's path. Routing and authorization both see it, so that no spelling of a path can
// pass the one and mean something else to the other.

import { HttpError } from "./http.ts";

const PLAIN = /^\/[\w\-/.:~@!$&'()*+,;=]*$/;
const DOT_SEGMENT = /(^|\/)\.\.?(\/|$)/;
const ENCODED_SLASH_OR_NUL = /%(2f|5c|00)/i;
// eslint has a rule against control characters in patterns, so that they are compared as code points.
const isControl = (character: string) => character < " " || character === "\u007f";

/**
 * Decodes the path of a request target (without its query) once. Throws HttpError 400 for what could be read in two ways:
 * dot segments, encoded slashes, control characters, invalid UTF-8, and targets that are no path.
 */
export function canonicalPath(rawPath: string): string {
  const decoded = PLAIN.test(rawPath) ? rawPath : decode(rawPath);
  if (DOT_SEGMENT.test(decoded)) throw new HttpError(400, "The request's path has a . or .. segment.");
  return decoded;
}

function decode(rawPath: string): string {
  if (!rawPath.startsWith("/")) throw new HttpError(400, "The request's target is not a path.");
  if (ENCODED_SLASH_OR_NUL.test(rawPath)) {
    throw new HttpError(400, "The request's path has an encoded slash, backslash or NUL.");
  }
  const decoded = decodeUtf8(rawPath);
  if ([...decoded].some(isControl)) throw new HttpError(400, "The request's path has a control character.");
  return decoded;
}

function decodeUtf8(rawPath: string): string {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    throw new HttpError(400, "The request's path is not valid percent-encoded UTF-8.");
  }
}

/** The inverse: the raw form of a canonical path, for clients. */
export function encodePath(path: string): string {
  return PLAIN.test(path) ? path : path.split("/").map(encodeURIComponent).join("/");
}
