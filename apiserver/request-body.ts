// Reads the body of a request into JSON data, whatever text it came in. In-process callers have passed the data itself.

import { StatusError } from "../api/meta/status.ts";
import type { HttpRequest } from "../lib/http.ts";
import { parseJson } from "../lib/json.ts";
import { JsonError } from "../lib/json-reader.ts";
import { nextTurn } from "../lib/next-turn.ts";
import { inTurns } from "../lib/steps.ts";
import { parseYaml, parseYamlInSteps, YamlError, type RepeatedKey, type YamlDocument } from "../lib/yaml.ts";
import { decodeProtobuf, openEnvelope } from "./protobuf/decode-protobuf.ts";
import { WireError } from "./protobuf/wire-reader.ts";
import type { ObjectShape } from "../api/schema/schema.ts";
import { mediaTypeOf } from "./negotiation.ts";

/** What kube-apiserver accepts. */
export const BODY_BYTES_MAX = 3 * 2 ** 20;

export interface RequestData {
  /** Undefined: there was no body. */
  readonly value: unknown;
  /** Paths of keys that were given more than once. */
  readonly duplicates: readonly string[];
  /** The same for YAML, in the words of its reader. */
  readonly repeatedKeys?: readonly string[];
  /** Of the text, where there was one. */
  readonly length?: number;
}

/** What is larger has a turn of the event loop for each step of reading it. */
const LARGE_BYTES = 256 * 1024;

/** Awaited between steps whose time goes by the length of the text. */
export async function giveWayAfter({ length = 0 }: { readonly length?: number }): Promise<void> {
  if (length > LARGE_BYTES) await nextTurn();
}

const FORMATS: Readonly<Record<string, "json" | "yaml" | "protobuf" | undefined>> = {
  "": "json",
  "*/*": "json",
  "application/json": "json",
  "application/yaml": "yaml",
  "application/vnd.kubernetes.protobuf": "protobuf",
};

/**
 * `schema` is what a body in protobuf is read as; where it is missing there is no such form. `kind` is what an error says
 * that the body should have been. Throws UnsupportedMediaType, BadRequest for text that is no such thing, and HttpError past
 * the size limit.
 */
export async function readBody(http: HttpRequest, schema?: ObjectShape, kind?: string): Promise<RequestData> {
  if (http.body.object !== undefined) return { value: http.body.object, duplicates: [] };
  const format = FORMATS[mediaTypeOf(http.headers["content-type"])];
  const bytes = await http.body.bytes(BODY_BYTES_MAX);
  await giveWayAfter(bytes);
  if (bytes.length === 0) return { value: undefined, duplicates: [] };
  if (!format || (format === "protobuf" && !schema)) {
    throw unknownFormat(Object.keys(FORMATS).filter((type) => type.startsWith("application/")));
  }
  const data = await readText(bytes, { format, schema, kind });
  await giveWayAfter(bytes);
  return { ...data, length: bytes.length };
}

interface Expected {
  readonly format: "json" | "yaml" | "protobuf";
  readonly schema: ObjectShape | undefined;
  readonly kind: string | undefined;
}

async function readText(bytes: Uint8Array, { format, schema, kind }: Expected): Promise<RequestData> {
  try {
    if (format === "json") return readJsonText(bytes);
    return format === "yaml" || !schema ? await readYamlText(bytes) : readProtobuf(bytes, schema);
  } catch (error) {
    if (!(error instanceof StatusError) || kind === undefined) throw error;
    throw unrecognized(kind, error.message, bytes);
  }
}

/** With the beginning of the body: as text where it could be JSON, otherwise in hexadecimal digits. */
export function unrecognized(kind: string, problem: string, bytes: Uint8Array): StatusError {
  const beginning = Buffer.from(bytes.subarray(0, SUMMARY_BYTES));
  const shown = beginning.toString(beginning[0] === OPENING_BRACE ? "utf8" : "hex");
  const summary = bytes.length === 0 ? "<empty>" : shown + (bytes.length > SUMMARY_BYTES ? " ..." : "");
  return new StatusError(
    "BadRequest",
    `the object provided is unrecognized (must be of type ${kind}): ${problem} (${summary})`,
  );
}

const SUMMARY_BYTES = 30;
const OPENING_BRACE = 0x7b;

export const unknownFormat = (accepted: readonly string[]): StatusError =>
  new StatusError(
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );

/** `problem`: how the error begins. */
export function readJsonText(bytes: Uint8Array, problem = "couldn't get version/kind; json parse error"): RequestData {
  try {
    return parseJson(bytes, { bytesMax: BODY_BYTES_MAX });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new StatusError("BadRequest", `${problem}: ${error.message}`);
  }
}

export const describeRepeatedKey = ({ key, line }: RepeatedKey): string =>
  `line ${line}: key ${JSON.stringify(key)} already set in map`;

/** As Go's reader puts all of them into one error. */
export const yamlErrors = (problems: readonly string[]): string =>
  ["yaml: unmarshal errors:", ...problems].join("\n  ");

/** The documents of a body, with the keys that are repeated in them. Throws YamlError. */
export async function readYamlDocuments(bytes: Uint8Array): Promise<readonly YamlDocument[]> {
  const options = { mayRepeatKeys: true };
  return bytes.length > LARGE_BYTES ? inTurns(parseYamlInSteps(bytes, options)) : parseYaml(bytes, options);
}

async function readYamlText(bytes: Uint8Array): Promise<RequestData> {
  try {
    const [first, ...more] = await readYamlDocuments(bytes);
    if (more.length > 0) throw new StatusError("BadRequest", "the body holds more than one YAML document");
    return { value: first?.value, duplicates: [], repeatedKeys: first?.repeatedKeys.map(describeRepeatedKey) };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new StatusError("BadRequest", `couldn't get version/kind; yaml parse error: ${error.message}`);
  }
}

function readProtobuf(bytes: Uint8Array, schema: ObjectShape): RequestData {
  try {
    return { value: decodeProtobuf(schema, openEnvelope(bytes)), duplicates: [] };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new StatusError("BadRequest", `couldn't get version/kind; protobuf parse error: ${error.message}`);
  }
}
