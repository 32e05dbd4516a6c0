// Puts a component's own endpoint on a socket, with the certificate that it was given, or one of its own making that nobody can
// check, as Kubernetes' components do.

import type { Clock } from "../lib/clock.ts";
import { errorMessage } from "../lib/error-message.ts";
import { ListenError, serveHttps, type RunningServer } from "../lib/http-server.ts";
import type { Random } from "../lib/random.ts";
import { createAuthority, openAuthority, type KeyPair } from "../lib/x509.ts";
import { createComponentHandler, type ComponentHandlerParts } from "./component-handler.ts";
import type { ReadFile } from "./kubeconfig.ts";

/** By the names of Kubernetes' flags. */
export interface ServingFlags {
  /** The component's usual one, where that is free, unless given; 0: nothing is served. */
  readonly securePort?: number;
  readonly bindAddress: string;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly clientCaFile?: string;
}

export interface ComponentServerParts extends ComponentHandlerParts {
  /** As in Kubernetes. */
  readonly usualPort: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly readFile: ReadFile;
}

const YEAR_MS = 365 * 86_400_000;
/** Clocks of other machines may be a little behind. */
const BACKDATE_MS = 3_600_000;

/** Undefined where nothing is served. Rejects with what the flags cannot be used for. */
export async function serveComponent(
  flags: ServingFlags,
  parts: ComponentServerParts,
): Promise<RunningServer | undefined> {
  const { securePort: port = parts.usualPort, bindAddress: host } = flags;
  if (flags.securePort === 0) return undefined;
  const tls = await readTls(flags, parts);
  try {
    return await serveHttps({ ...parts, handler: createComponentHandler(parts), host, port, tls });
  } catch (error) {
    if (flags.securePort !== undefined || !(error instanceof ListenError)) throw error;
    // A replica on the same machine is there, and this one does its work all the same.
    parts.log.warn("Health and figures are not served: --secure-port would say where", { problem: error.message });
    return undefined;
  }
}

/** Serves while the component works, however that ends. */
export async function serveWhile(
  flags: ServingFlags,
  parts: ComponentServerParts,
  work: () => Promise<void>,
): Promise<void> {
  const server = await serveComponent(flags, parts);
  try {
    await work();
  } finally {
    await server?.close();
  }
}

async function readTls(flags: ServingFlags, { readFile, clock, random }: ComponentServerParts) {
  const { tlsCertFile, tlsPrivateKeyFile, clientCaFile, bindAddress } = flags;
  const read = (flag: string, path: string) =>
    readFile(path).catch((error: unknown) => {
      throw new Error(`${flag} ${path} cannot be read: ${errorMessage(error)}`, { cause: error });
    });
  if (Boolean(tlsCertFile) !== Boolean(tlsPrivateKeyFile)) {
    throw new Error("--tls-cert-file and --tls-private-key-file go together.");
  }
  const own =
    tlsCertFile && tlsPrivateKeyFile
      ? {
          cert: await read("--tls-cert-file", tlsCertFile),
          key: await read("--tls-private-key-file", tlsPrivateKeyFile),
        }
      : await makeKeys(bindAddress, clock.now(), random);
  return { ...own, ...(clientCaFile && { clientCa: await read("--client-ca-file", clientCaFile) }) };
}

async function makeKeys(address: string, nowMs: number, random: Random): Promise<KeyPair> {
  const validity = { notBeforeMs: nowMs - BACKDATE_MS, notAfterMs: nowMs + YEAR_MS };
  const authority = await createAuthority({ commonName: "self-signed", random, ...validity });
  const issuer = await openAuthority(authority, random);
  const hosts = [...new Set(["localhost", "127.0.0.1", address])];
  return issuer.issue({ commonName: "localhost", usage: "server", hosts, ...validity });
}
