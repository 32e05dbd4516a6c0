// The body of an apply: YAML, or JSON, which is YAML too. It is not decoded: what a configuration leaves out matters.

import { StatusError } from "../../api/meta/status.ts";
import { YamlError } from "../../lib/yaml.ts";
import type { ApiRequest } from "../api-request.ts";
import { BODY_BYTES_MAX, describeRepeatedKey, giveWayAfter, readYamlDocuments, yamlErrors } from "../request-body.ts";
import { readFieldValidation } from "./request-object.ts";

export interface Configuration {
  readonly value: object;
  /** What is to be said of keys that were given more than once. */
  readonly repeatedKeys: readonly string[];
}

/** Throws BadRequest for text that is no YAML object. */
export async function readConfiguration({ http }: ApiRequest): Promise<Configuration> {
  const { body } = http;
  const read =
    body.object !== undefined
      ? { value: body.object, repeatedKeys: [] }
      : await readText(await body.bytes(BODY_BYTES_MAX));
  const { value } = read;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...read, value };
  const type = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  throw notDecoded(
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${type} into Go value of type map[string]interface {}`,
  );
}

async function readText(bytes: Uint8Array) {
  await giveWayAfter(bytes);
  try {
    const [document] = await readYamlDocuments(bytes);
    await giveWayAfter(bytes);
    return { value: document?.value ?? {}, repeatedKeys: (document?.repeatedKeys ?? []).map(describeRepeatedKey) };
  } catch (error) {
    if (error instanceof YamlError) throw notDecoded(`error converting YAML to JSON: yaml: ${error.message}`);
    throw error;
  }
}

const notDecoded = (detail: string) => new StatusError("BadRequest", `error decoding YAML: ${detail}`);

/** Repeated keys are refused or warned of, as the client asks. */
export function assertStrict(request: ApiRequest, { repeatedKeys }: Configuration): void {
  if (repeatedKeys.length === 0) return;
  const validation = readFieldValidation(request);
  if (validation === "Warn") request.warnings.push(...repeatedKeys);
  if (validation !== "Strict") return;
  const detail = `error converting YAML to JSON: ${yamlErrors(repeatedKeys)}`;
  throw new StatusError("BadRequest", `error strict decoding YAML: ${detail}`);
}
