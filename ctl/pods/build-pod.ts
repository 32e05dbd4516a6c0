// The pod and the service that `kctl run` makes. Pure.

import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { parseEnvVar } from "../changes/env-changes.ts";

export interface PodWish {
  readonly name: string;
  readonly image: string;
  readonly restart: string;
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
  readonly env: readonly string[];
  readonly port: number | undefined;
  /** The words after the name. */
  readonly words: readonly string[];
  /** The words are the command, not its arguments. */
  readonly command: boolean;
  readonly stdin: boolean;
  readonly tty: boolean;
  /** Whether standard input ends with the first who gives it. */
  readonly stdinOnce: boolean;
  readonly imagePullPolicy: string | undefined;
  readonly privileged: boolean;
}

/** Throws CommandError for values that are none. */
export function buildPod(wish: PodWish): AnyObject {
  const { name } = wish;
  const labels = wish.labels.length > 0 ? parsePairs(wish.labels, "label") : { run: name };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      creationTimestamp: null,
      name,
      labels,
      ...(wish.annotations.length > 0 && { annotations: parsePairs(wish.annotations, "annotation") }),
    },
    spec: {
      containers: [buildContainer(wish)],
      dnsPolicy: "ClusterFirst",
      restartPolicy: restartPolicyOf(wish.restart),
    },
    status: {},
  } as unknown as AnyObject;
}

function buildContainer(wish: PodWish): object {
  return {
    name: wish.name,
    image: wish.image,
    ...(wish.words.length > 0 && { [wish.command ? "command" : "args"]: wish.words }),
    ...(wish.env.length > 0 && { env: wish.env.map(parseEnvVar) }),
    ...(wish.port !== undefined && { ports: [{ containerPort: wish.port }] }),
    ...(wish.imagePullPolicy && { imagePullPolicy: wish.imagePullPolicy }),
    ...(wish.stdin && { stdin: true }),
    ...(wish.stdin && wish.stdinOnce && { stdinOnce: true }),
    ...(wish.tty && { tty: true }),
    ...(wish.privileged && { securityContext: { privileged: true } }),
    resources: {},
  };
}

/** `a=b` texts, as a map. */
export function parsePairs(texts: readonly string[], what: string): Readonly<Record<string, string>> {
  const entries = texts.map((text) => {
    const at = text.indexOf("=");
    if (at < 1) throw new CommandError(`unexpected ${what} spec: ${text}`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries);
}

function restartPolicyOf(text: string): string {
  if (text === "") return "Always";
  if (["Always", "OnFailure", "Never"].includes(text)) return text;
  throw new CommandError(`invalid restart policy: ${text}\nSee 'kctl run -h' for help and examples`);
}

/** The object with the fields of a JSON text put over it (RFC 7386). Throws CommandError where the text is no JSON object. */
export function withOverrides(object: AnyObject, overrides: string | undefined): AnyObject {
  if (!overrides) return object;
  let fields: unknown;
  try {
    fields = JSON.parse(overrides);
  } catch (error) {
    throw new CommandError(`Invalid JSON in --overrides: ${(error as Error).message}`);
  }
  return mergeFields(object, fields) as AnyObject;
}

function mergeFields(old: unknown, fields: unknown): unknown {
  if (!isMap(fields)) return fields;
  const merged = new Map(Object.entries(isMap(old) ? old : {}));
  for (const [key, value] of Object.entries(fields)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergeFields(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
