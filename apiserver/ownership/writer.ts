// The name under which a request owns fields: the one that it gives, or the first word of its User-Agent.

import { apiVersionOf } from "../../api/resource.ts";
import { invalid } from "../../api/meta/status.ts";
import {
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
  tooLongField,
} from "../../api/schema/field-error.ts";
import type { HttpRequest } from "../../lib/http.ts";
import type { ApiRequest } from "../api-request.ts";
import type { Writer } from "./owners.ts";

const BYTES_MAX = 128;
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;
const PRINTABLE_ASCII = /^[ -~]*$/;
const UNKNOWN = "unknown";

/** The writer of a create, an update or a patch. Throws Invalid for a name that cannot be one. */
export function writerOf(request: Pick<ApiRequest, "http" | "version" | "subresource">): Writer {
  const { http, version, subresource } = request;
  const named = http.query.get("fieldManager") ?? "";
  const errors = findNameErrors(named);
  if (errors.length > 0) throw invalidOptions(http, errors);
  const manager = named || fromUserAgent(http.headers["user-agent"] ?? "") || UNKNOWN;
  return { manager, operation: "Update", apiVersion: apiVersionOf(version), ...(subresource && { subresource }) };
}

/** The writer of an apply, which must say its name. Throws Invalid. */
export function applierOf(request: Pick<ApiRequest, "http" | "version" | "subresource">): Writer {
  const { http, version, subresource } = request;
  const manager = http.query.get("fieldManager") ?? "";
  const errors = manager ? findNameErrors(manager) : [requiredField("fieldManager", "is required for apply patch")];
  if (errors.length > 0) throw invalidOptions(http, errors);
  return { manager, operation: "Apply", apiVersion: apiVersionOf(version), ...(subresource && { subresource }) };
}

/** Only an apply can take fields by force. Throws Invalid for other patches that want to. */
export function assertNoForce(http: HttpRequest): void {
  if (!http.query.has("force")) return;
  throw invalidOptions(http, [forbiddenField("force", "may not be specified for non-apply patch")]);
}

export function isForced({ query }: HttpRequest): boolean {
  const force = query.get("force");
  // As Kubernetes reads flags in queries: anything but these is true.
  return force !== null && force !== "false" && force !== "0";
}

const OPTION_KINDS: Readonly<Record<string, string>> = { POST: "CreateOptions", PUT: "UpdateOptions" };

function invalidOptions({ method }: HttpRequest, errors: readonly FieldError[]) {
  const kind = OPTION_KINDS[method] ?? "PatchOptions";
  return invalid({ group: "meta.k8s.io", kind, plural: kind }, "", errors);
}

function findNameErrors(name: string): FieldError[] {
  if (name.length <= BYTES_MAX && PRINTABLE_ASCII.test(name)) return [];
  const errors: FieldError[] = Buffer.byteLength(name) > BYTES_MAX ? [tooLongField("fieldManager", BYTES_MAX)] : [];
  let position = 0;
  for (const character of name) {
    if (UNPRINTABLE.test(character)) {
      const detail = `invalid character ${goUnicode(character)} (at position ${position})`;
      errors.push(invalidField("fieldManager", name, detail));
    }
    position += Buffer.byteLength(character);
  }
  return errors;
}

/** Go's %#U of a character that cannot be printed. */
const goUnicode = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

/** Clients have a handful of names; the oldest is forgotten beyond this many. */
const KNOWN_MAX = 256;
const known = new Map<string, string>();

/** What stands before the first slash, as far as it can be printed and has room. */
function fromUserAgent(userAgent: string): string {
  const before = known.get(userAgent);
  if (before !== undefined) return before;
  let name = "";
  for (const character of userAgent.split("/", 1)[0] ?? "") {
    if (UNPRINTABLE.test(character)) continue;
    if (Buffer.byteLength(name + character) > BYTES_MAX) break;
    name += character;
  }
  if (known.size >= KNOWN_MAX) known.delete(known.keys().next().value ?? "");
  known.set(userAgent, name);
  return name;
}
