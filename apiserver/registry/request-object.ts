// From the body of a write to an object of its kind: fields checked, defaults filled in, and what the client should know
// about its mistakes collected as warnings.

import { apiVersionOf, type ResourceDefinition } from "../../api/resource.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { invalid, StatusError } from "../../api/meta/status.ts";
import { unsupportedField } from "../../api/schema/field-error.ts";
import { decodeObject, type DecodeOptions } from "../../api/schema/decode.ts";
import { applyDefaults } from "../../api/schema/default.ts";
import type { ObjectSchema } from "../../api/schema/schema.ts";
import type { ApiRequest } from "../api-request.ts";
import { giveWayAfter, readBody, unrecognized, yamlErrors, type RequestData } from "../request-body.ts";
import { toStored } from "../versions.ts";

export type FieldValidation = "Ignore" | "Warn" | "Strict";

/** A kind as far as reading its text goes: also subresources' own kinds, such as Scale. */
export type Readable = Pick<ResourceDefinition, "group" | "version" | "kind"> & {
  readonly schema: ObjectSchema<unknown>;
};

/** The object in the body, in the stored version. Throws BadRequest for what is no object of the kind. */
export async function readObject<T extends KubeObject = KubeObject>(
  request: ApiRequest,
  kind: Readable = request.version,
): Promise<T> {
  const data = await readBody(request.http, kind.schema, kind.kind);
  const object = decodeAs<T>(request, data, kind);
  await giveWayAfter(data);
  return kind === request.version ? (toStored(request.version, object) as T) : object;
}

/** The same for data that was made from a body, such as a patched object. */
export function decodeAs<T extends KubeObject>(
  request: Pick<ApiRequest, "http" | "warnings">,
  { value: sent, duplicates, repeatedKeys = [], found = [] }: RequestData & Pick<DecodeOptions, "found">,
  kind: Readable,
): T {
  const value = assertKind(sent, kind);
  const fieldValidation = readFieldValidation(request);
  const isOneError = repeatedKeys.length > 0 && fieldValidation === "Strict";
  const options = {
    fieldValidation,
    duplicates,
    found: [...(isOneError ? [yamlErrors(repeatedKeys)] : repeatedKeys), ...found],
  };
  const { object, warnings } = decodeObject(kind.schema, value, options);
  request.warnings.push(...warnings);
  const complete = applyDefaults(kind.schema, object) as T;
  return { ...complete, apiVersion: apiVersionOf(kind), kind: kind.kind };
}

const NO_TEXT = "couldn't get version/kind; json parse error: unexpected end of JSON input";

/** Clients may leave out kind and apiVersion, since the path says both; what they do say must be right. */
function assertKind(value: unknown, expected: Readable): Record<string, unknown> {
  const version = apiVersionOf(expected);
  if (value === undefined) throw unrecognized(expected.kind, NO_TEXT, new Uint8Array());
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new StatusError(
      "BadRequest",
      `the object provided is unrecognized (must be of type ${expected.kind}): couldn't get version/kind; json parse error: the body is no JSON object`,
    );
  }
  const { kind, apiVersion } = value as { kind?: unknown; apiVersion?: unknown };
  if (apiVersion && apiVersion !== version) {
    throw new StatusError(
      "BadRequest",
      `the API version in the data (${quote(apiVersion)}) does not match the expected API version (${version})`,
    );
  }
  if (kind && kind !== expected.kind) {
    throw new StatusError(
      "BadRequest",
      `${quote(kind)} in version ${JSON.stringify(expected.version)} cannot be handled as a ${expected.kind}`,
    );
  }
  return value as Record<string, unknown>;
}

/** Whatever the client has put there, as text. */
const quote = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

const OPTION_KINDS: Readonly<Record<string, string>> = {
  POST: "CreateOptions",
  PUT: "UpdateOptions",
  PATCH: "PatchOptions",
  DELETE: "DeleteOptions",
};

const VALIDATION_LEVELS: readonly string[] = ["Ignore", "Warn", "Strict"];

export function readFieldValidation({ http }: Pick<ApiRequest, "http">): FieldValidation {
  const text = http.query.get("fieldValidation") || "Warn";
  if (VALIDATION_LEVELS.includes(text)) return text as FieldValidation;
  throw invalidOption(http.method, "fieldValidation", { text, supported: ["", ...VALIDATION_LEVELS] });
}

/** Whether the write is only to be tried. Throws Invalid for anything but All. */
export function readDryRun({ http }: Pick<ApiRequest, "http">): boolean {
  const values = http.query.getAll("dryRun").filter(Boolean);
  const wrong = values.find((value) => value !== "All");
  if (wrong !== undefined) throw invalidOption(http.method, "dryRun", { text: wrong, supported: ["All"] });
  return values.length > 0;
}

function invalidOption(
  method: string,
  path: string,
  { text, supported }: { readonly text: string; readonly supported: readonly string[] },
): StatusError {
  const kind = OPTION_KINDS[method] ?? "Options";
  return invalid({ group: "meta.k8s.io", kind, plural: kind }, "", [unsupportedField(path, text, supported)]);
}
