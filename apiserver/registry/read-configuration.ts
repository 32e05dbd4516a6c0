// The body of an apply: YAML, or JSON, which is YAML too. It is not decoded: what a configuration leaves out matters.

import { StatusError } from "../../api/meta/status.ts";
import { JsonError } from "../../lib/json-reader.ts";
import { parseJson, type JsonDocument } from "../../lib/json.ts";
import { parseYaml, YamlError } from "../../lib/yaml.ts";
import type { ApiRequest } from "../api-request.ts";
import { BODY_BYTES_MAX } from "../request-body.ts";
import { readFieldValidation } from "./request-object.ts";

export interface Configuration {
  readonly value: object;
  /** Paths of keys that were given more than once. */
  readonly duplicates: readonly string[];
  /** The line of each of them. */
  readonly duplicateLines: readonly number[];
}

/** Throws BadRequest for text that is no YAML object. */
export async function readConfiguration({ http }: ApiRequest): Promise<Configuration> {
  const { body } = http;
  const read =
    body.object !== undefined ? { value: body.object, ...NO_DUPLICATES } : readText(await body.bytes(BODY_BYTES_MAX));
  const { value } = read;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...read, value };
  const type = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  throw notDecoded(
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${type} into Go value of type map[string]interface {}`,
  );
}

const NO_DUPLICATES = { duplicates: [], duplicateLines: [] } as const;

function readText(bytes: Uint8Array): JsonDocument {
  const text = new TextDecoder().decode(bytes);
  try {
    if (/^\s*\{/.test(text)) return parseJson(text);
  } catch (error) {
    // YAML in flow style begins with a brace, too.
    if (!(error instanceof JsonError)) throw error;
  }
  try {
    return { value: parseYaml(text)[0]?.value ?? {}, ...NO_DUPLICATES };
  } catch (error) {
    if (error instanceof YamlError) throw notDecoded(`error converting YAML to JSON: yaml: ${error.message}`);
    throw error;
  }
}

const notDecoded = (detail: string) => new StatusError("BadRequest", `error decoding YAML: ${detail}`);

/** Repeated keys are refused or warned of, as the client asks. */
export function assertStrict(request: ApiRequest, { duplicates, duplicateLines }: Configuration): void {
  if (duplicates.length === 0) return;
  const validation = readFieldValidation(request);
  const lines = duplicates.map(
    (path, index) => `line ${duplicateLines[index]}: key ${JSON.stringify(lastKey(path))} already set in map`,
  );
  if (validation === "Warn") request.warnings.push(...lines);
  if (validation !== "Strict") return;
  const detail = ["error converting YAML to JSON: yaml: unmarshal errors:", ...lines].join("\n  ");
  throw new StatusError("BadRequest", `error strict decoding YAML: ${detail}`);
}

const lastKey = (path: string): string => path.slice(path.lastIndexOf(".") + 1);
