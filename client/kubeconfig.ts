// Kubeconfig files, as kubectl reads and merges them: which server to talk to, whom to believe, and who one is. Reading
// files is the caller's affair (`readFile`), as is which files: KUBECONFIG is an environment variable.

import { dirname, resolve } from "node:path";
import type { HttpsClientOptions } from "../lib/http-client.ts";
import { renderYaml } from "../lib/render-yaml.ts";
import { parseYaml } from "../lib/yaml.ts";

export interface Kubeconfig {
  readonly apiVersion?: "v1";
  readonly kind?: "Config";
  readonly clusters?: readonly { readonly name: string; readonly cluster: KubeconfigCluster }[];
  readonly users?: readonly { readonly name: string; readonly user: KubeconfigUser }[];
  readonly contexts?: readonly { readonly name: string; readonly context: KubeconfigContext }[];
  readonly "current-context"?: string;
  readonly preferences?: Readonly<Record<string, unknown>>;
}

export interface KubeconfigCluster {
  readonly server?: string;
  readonly "certificate-authority"?: string;
  /** Base64 of PEM, as all `…-data` fields. */
  readonly "certificate-authority-data"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  readonly "tls-server-name"?: string;
  readonly "proxy-url"?: string;
}

export interface KubeconfigUser {
  readonly "client-certificate"?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-key"?: string;
  readonly "client-key-data"?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly exec?: unknown;
  readonly "auth-provider"?: unknown;
  readonly username?: string;
  readonly password?: string;
}

export interface KubeconfigContext {
  readonly cluster: string;
  readonly user: string;
  readonly namespace?: string;
}

/** What it takes to send requests; `HttpsClientOptions` for lib/http-client.ts, and the namespace to work in. */
export interface Connection extends HttpsClientOptions {
  /** "default" unless the context has one. */
  readonly namespace: string;
}

/** Choices that go before the file's own. */
export interface ConnectionChoice {
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
}

/** Resolves with the file's text; rejects with ENOENT where there is none. */
export type ReadFile = (path: string) => Promise<string>;

/** The problem with a kubeconfig, in one sentence. */
export class KubeconfigError extends Error {}

/** Relative paths in the file are made absolute, from the file's own folder. */
export function parseKubeconfig(text: string, path: string): Kubeconfig {
  let parsed: unknown;
  try {
    parsed = parseYaml(text)[0]?.value;
  } catch (error) {
    throw new KubeconfigError(`The kubeconfig ${path} cannot be read: ${(error as Error).message}.`);
  }
  if (parsed === undefined || parsed === null) return {};
  if (typeof parsed !== "object" || Array.isArray(parsed))
    throw new KubeconfigError(`The kubeconfig ${path} is not one.`);
  return withAbsolutePaths(parsed, dirname(path));
}

/** The text of the file, in YAML. */
export function renderKubeconfig(config: Kubeconfig): string {
  return renderYaml({ apiVersion: "v1", kind: "Config", preferences: {}, ...config });
}

function withAbsolutePaths(config: Kubeconfig, folder: string): Kubeconfig {
  const absolute = <T extends object>(value: T | null | undefined, fields: readonly string[]): T => {
    const entries = Object.entries(value ?? {}).map(([name, field]: [string, unknown]) => [
      name,
      fields.includes(name) && typeof field === "string" && field !== "" ? resolve(folder, field) : field,
    ]);
    return Object.fromEntries(entries) as T;
  };
  return {
    ...config,
    clusters: config.clusters?.map((each) => ({ ...each, cluster: absolute(each.cluster, ["certificate-authority"]) })),
    users: config.users?.map((each) => ({
      ...each,
      user: absolute(each.user, ["client-certificate", "client-key", "tokenFile"]),
    })),
  };
}

/** As kubectl merges the files of KUBECONFIG: the first to name something wins. Files that do not exist count as empty; at least one must. */
export async function loadKubeconfig(paths: readonly string[], readFile: ReadFile): Promise<Kubeconfig> {
  const texts = await Promise.all(
    paths.map(async (path) => {
      const text = await readFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw new KubeconfigError(`The kubeconfig ${path} cannot be read: ${error.message}.`);
      });
      return text === undefined ? undefined : parseKubeconfig(text, path);
    }),
  );
  const found = texts.filter((each) => each !== undefined);
  if (found.length === 0) throw new KubeconfigError(`There is no kubeconfig at ${paths.join(" or ")}.`);
  return found.reduce(mergeKubeconfigs);
}

function mergeKubeconfigs(first: Kubeconfig, second: Kubeconfig): Kubeconfig {
  return {
    ...second,
    ...first,
    "current-context": first["current-context"] || second["current-context"],
    clusters: mergeByName(first.clusters, second.clusters),
    users: mergeByName(first.users, second.users),
    contexts: mergeByName(first.contexts, second.contexts),
  };
}

function mergeByName<T extends { readonly name: string }>(first: readonly T[] = [], second: readonly T[] = []): T[] {
  const names = new Set(first.map((each) => each.name));
  return [...first, ...second.filter((each) => !names.has(each.name))];
}

/** The connection that a context describes, with the files that it names read. Throws KubeconfigError. */
export async function connectionOf(
  config: Kubeconfig,
  choice: ConnectionChoice,
  readFile: ReadFile,
): Promise<Connection> {
  const context = findContext(config, choice);
  const cluster = findCluster(config, choice.cluster ?? context?.cluster);
  const user = findByName(config.users, choice.user ?? context?.user, "user")?.user ?? {};
  refuseUnsupported(cluster, user);
  const read = fieldReader(readFile);
  const [ca, cert, key, token] = await Promise.all([
    read(cluster, "certificate-authority"),
    read(user, "client-certificate"),
    read(user, "client-key"),
    readToken(user, readFile),
  ]);
  return {
    baseUrl: serverUrl(cluster.server ?? ""),
    tls: { ca, cert, key, serverName: cluster["tls-server-name"] },
    token,
    insecureSkipVerify: cluster["insecure-skip-tls-verify"],
    namespace: context?.namespace || "default",
  };
}

function findCluster(config: Kubeconfig, name: string | undefined): KubeconfigCluster {
  const found = findByName(config.clusters, name, "cluster")?.cluster;
  if (found?.server) return found;
  throw new KubeconfigError(
    name
      ? `The cluster ${name} of the kubeconfig names no server.`
      : "The kubeconfig has no current context. Choose one with --context, or set one with: kctl config use-context NAME",
  );
}

async function readToken({ token, tokenFile }: KubeconfigUser, readFile: ReadFile): Promise<string | undefined> {
  const text = token ?? (tokenFile ? await readNamed(readFile, tokenFile) : "");
  return text.trim() || undefined;
}

function findContext(config: Kubeconfig, choice: ConnectionChoice): KubeconfigContext | undefined {
  const name = choice.context ?? config["current-context"];
  if (!name) return undefined;
  const found = config.contexts?.find((each) => each.name === name);
  if (found) return found.context;
  const known = config.contexts?.map((each) => each.name).join(", ") || "none";
  throw new KubeconfigError(`The kubeconfig has no context ${name}; it has: ${known}.`);
}

function findByName<T extends { readonly name: string }>(
  list: readonly T[] | undefined,
  name: string | undefined,
  what: string,
): T | undefined {
  if (!name) return undefined;
  const found = list?.find((each) => each.name === name);
  if (!found) throw new KubeconfigError(`The kubeconfig has no ${what} ${name}.`);
  return found;
}

function refuseUnsupported(cluster: KubeconfigCluster, user: KubeconfigUser): void {
  const refuse = (what: string) => {
    throw new KubeconfigError(
      `The kubeconfig uses ${what}, which is not supported: use a client certificate or a token.`,
    );
  };
  if (user.exec) refuse("an exec credential plugin");
  if (user["auth-provider"]) refuse("an auth provider");
  if (user.username || user.password) refuse("a user name and password");
  if (cluster["proxy-url"]) throw new KubeconfigError("The kubeconfig uses a proxy-url, which is not supported.");
}

function serverUrl(server: string): string {
  if (URL.canParse(server) && new URL(server).protocol === "https:") return server.replace(/\/$/, "");
  throw new KubeconfigError(`The server ${server} of the kubeconfig is not an https:// address.`);
}

/** `name-data` holds the value itself, and goes before `name`, which holds the path of a file. */
function fieldReader(readFile: ReadFile) {
  return async (holder: object, name: string): Promise<string | undefined> => {
    const fields = holder as Readonly<Record<string, string | undefined>>;
    const data = fields[`${name}-data`];
    if (data) return Buffer.from(data, "base64").toString();
    const path = fields[name];
    return path ? readNamed(readFile, path) : undefined;
  };
}

async function readNamed(readFile: ReadFile, path: string): Promise<string> {
  return readFile(path).catch((error: Error) => {
    throw new KubeconfigError(`The file ${path} of the kubeconfig cannot be read: ${error.message}.`);
  });
}

export interface NewKubeconfig {
  readonly clusterName: string;
  readonly userName: string;
  readonly server: string;
  /** PEM texts; they go into the file. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A kubeconfig for one user of one cluster, with everything inside. */
export function buildKubeconfig(options: NewKubeconfig): Kubeconfig {
  const { clusterName, userName, server } = options;
  const data = (text: string) => Buffer.from(text).toString("base64");
  return {
    clusters: [{ name: clusterName, cluster: { "certificate-authority-data": data(options.ca), server } }],
    contexts: [{ name: clusterName, context: { cluster: clusterName, user: userName } }],
    "current-context": clusterName,
    users: [
      {
        name: userName,
        user: { "client-certificate-data": data(options.cert), "client-key-data": data(options.key) },
      },
    ],
  };
}
