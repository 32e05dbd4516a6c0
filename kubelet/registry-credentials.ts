// The credentials for an image's registry out of a pod's imagePullSecrets (kubernetes.io/dockerconfigjson and dockercfg). Pure.

import type { Secret } from "../api/core/secret.ts";
import type { RegistryCredentials } from "./runtimes/image-store.ts";

interface Entry {
  readonly username?: string;
  readonly password?: string;
  /** Base64 of `username:password`. */
  readonly auth?: string;
}

const DEFAULT_REGISTRY = "docker.io";

export function findCredentials(image: string, secrets: readonly Secret[]): RegistryCredentials | undefined {
  const registry = registryOf(image);
  for (const [server, entry] of secrets.flatMap(entriesOf)) {
    if (hostOf(server) !== registry) continue;
    const [username = "", ...rest] = Buffer.from(entry.auth ?? "", "base64")
      .toString()
      .split(":");
    return { username: entry.username ?? username, password: entry.password ?? rest.join(":"), server: registry };
  }
  return undefined;
}

/** The part before the first slash, where it looks like a host; else Docker Hub. */
function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : DEFAULT_REGISTRY;
}

function hostOf(server: string): string {
  const host = server.replace(/^https?:\/\//, "").split("/")[0] ?? "";
  return host === "index.docker.io" ? DEFAULT_REGISTRY : host;
}

/** A secret that cannot be read has no entries: the pull then fails for the registry's reason, which people see. */
function entriesOf({ data = {} }: Secret): [string, Entry][] {
  const encoded = data[".dockerconfigjson"] ?? data[".dockercfg"] ?? "";
  try {
    const parsed = JSON.parse(Buffer.from(encoded, "base64").toString()) as Record<string, unknown>;
    return Object.entries((parsed.auths ?? parsed) as Record<string, Entry>);
  } catch {
    return [];
  }
}
