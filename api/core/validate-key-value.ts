// Rules for config maps and secrets, from Kubernetes' validation: keys become file names, the whole has to stay small, and
// an immutable object can only be replaced.

import type { ConfigMap } from "./config-map.ts";
import type { Secret } from "./secret.ts";
import { checkUnchanged, when } from "../meta/field-checks.ts";
import { configKeyProblems, subdomainProblems } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { forbiddenField, invalidField, requiredField, tooLongField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];
type Entries = Readonly<Record<string, string>>;

const BYTES_MAX = 1024 * 1024;

export function validateConfigMap(configMap: ConfigMap, old?: ConfigMap): FieldError[] {
  const { data = {}, binaryData = {} } = configMap;
  const duplicates = Object.keys(data).filter((key) => Object.hasOwn(binaryData, key));
  return [
    ...validateMetadata(configMap, old, { name: subdomainProblems }),
    ...validateImmutable(configMap, old, ["data", "binaryData"]),
    ...checkKeys(data, "data"),
    ...duplicates.map((key) => invalidField(`data[${key}]`, key, "duplicate of key present in binaryData")),
    ...checkKeys(binaryData, "binaryData"),
    // Kubernetes names no field here, and prints the nameless one so.
    ...when(textBytes(data) + decodedBytes(binaryData) > BYTES_MAX, tooLongField("[]", BYTES_MAX)),
  ];
}

export function validateSecret(secret: Secret, old?: Secret): FieldError[] {
  const { data = {}, type } = secret;
  return [
    ...validateMetadata(secret, old, { name: subdomainProblems }),
    ...(old ? checkUnchanged("type", type, old.type) : []),
    ...validateImmutable(secret, old, ["data"]),
    ...checkKeys(data, "data"),
    ...when(decodedBytes(data) > BYTES_MAX, tooLongField("data", BYTES_MAX)),
    ...validateSecretType(secret, data),
  ];
}

const checkKeys = (entries: Entries, path: string): Errors =>
  Object.keys(entries).flatMap((key) =>
    configKeyProblems(key).map((problem) => invalidField(`${path}[${key}]`, key, problem)),
  );

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
const textBytes = (entries: Entries) => sum(Object.values(entries).map((text) => Buffer.byteLength(text)));
const decodedBytes = (entries: Entries) => sum(Object.values(entries).map((text) => Buffer.byteLength(text, "base64")));

interface Freezable {
  readonly immutable?: boolean;
}

function validateImmutable<T extends Freezable>(object: T, old: T | undefined, fields: readonly (keyof T)[]): Errors {
  if (!old?.immutable) return [];
  const problem = "field is immutable when `immutable` is set";
  return [
    ...when(!object.immutable, forbiddenField("immutable", problem)),
    ...fields
      .filter((field) => !semanticEqual(object[field] ?? {}, old[field] ?? {}))
      .map((field) => forbiddenField(String(field), problem)),
  ];
}

const ACCOUNT_ANNOTATION = "kubernetes.io/service-account.name";

/** The keys that clients of a secret of a well-known type rely on. */
function validateSecretType({ type, metadata }: Secret, data: Entries): Errors {
  const required = (...keys: string[]) =>
    keys.filter((key) => data[key] === undefined).map((key) => requiredField(`data[${key}]`));
  switch (type) {
    case "kubernetes.io/service-account-token": {
      const isNamed = metadata.annotations?.[ACCOUNT_ANNOTATION];
      return when(!isNamed, requiredField(`metadata.annotations[${ACCOUNT_ANNOTATION}]`));
    }
    case "kubernetes.io/dockercfg":
      return [...required(".dockercfg"), ...checkJson(data, ".dockercfg")];
    case "kubernetes.io/dockerconfigjson":
      return [...required(".dockerconfigjson"), ...checkJson(data, ".dockerconfigjson")];
    case "kubernetes.io/basic-auth":
      return data.username === undefined && data.password === undefined ? required("username", "password") : [];
    case "kubernetes.io/ssh-auth":
      return when(!data["ssh-privatekey"], requiredField("data[ssh-privatekey]"));
    case "kubernetes.io/tls":
      return required("tls.crt", "tls.key");
    default:
      return [];
  }
}

/** The value is never repeated in the message. */
function checkJson(data: Entries, key: string): Errors {
  const text = data[key];
  if (text === undefined) return [];
  try {
    JSON.parse(Buffer.from(text, "base64").toString("utf8"));
    return [];
  } catch {
    return [invalidField(`data[${key}]`, "<secret contents redacted>", "must be JSON")];
  }
}
