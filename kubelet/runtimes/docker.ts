// Docker as a container runtime: the one file that knows how the Engine is reached. It puts Engine API requests on the socket and
// turns what comes back into the project's own terms; what is asked of Docker is decided in the docker-*.ts files.

import { request as startRequest, type IncomingMessage } from "node:http";
import type { Duplex, Readable } from "node:stream";
import { allowManyListeners, onAbort, withDeadline } from "./abort.ts";
import { DockerError, limitAnswers, type DockerEngine, type EngineRequest } from "./docker-engine.ts";
import { ensurePodNetwork } from "./docker-network.ts";
import { DockerRuntime, type DockerRuntimeOptions } from "./docker-runtime.ts";
import { RuntimeError } from "./runtime-error.ts";

/** Docker Engine 20.10, of 2020: the oldest version that this is tested with. */
const API_VERSION = "1.41";
const ANSWER_MAX_MS = 10_000;

export interface DockerOptions extends DockerRuntimeOptions {
  /** `/var/run/docker.sock` unless given. */
  readonly socketPath?: string;
}

/**
 * Makes the network of the pods where it is missing. Throws RuntimeError with a sentence for the user: `Unavailable` where
 * Docker does not answer or is too old, and where the addresses of the pods are taken.
 */
export async function createDockerRuntime(options: DockerOptions, signal: AbortSignal): Promise<DockerRuntime> {
  const socketPath = options.socketPath ?? "/var/run/docker.sock";
  const engine = limitAnswers(connectToDocker(socketPath), options.clock);
  const answer = await withDeadline({ clock: options.clock, signal, deadlineMs: ANSWER_MAX_MS }, (until) =>
    engine.call({ method: "GET", path: "/version", signal: until }),
  );
  const { Version, ApiVersion } = answer as { Version: string; ApiVersion: string };
  if (compareVersions(ApiVersion, API_VERSION) < 0) {
    throw new RuntimeError(
      "Unavailable",
      `Docker at ${socketPath} is version ${Version}, which is too old: install Docker Engine 20.10 or newer`,
    );
  }
  // Its addresses are there before the first pod: an API server on this machine listens on one of them.
  await ensurePodNetwork(engine, { ...options.network, cluster: options.cluster, clock: options.clock }, signal);
  return new DockerRuntime(engine, Version, options);
}

export function connectToDocker(socketPath: string): DockerEngine {
  return {
    call: async (request) => readJson(await send(socketPath, request), request.signal),
    stream: async (request) => await send(socketPath, request),
    connect: async (request) => (await send(socketPath, request, UPGRADE)) as Duplex,
  };
}

const UPGRADE = { Connection: "Upgrade", Upgrade: "tcp" };

/** Resolves with the body of an answer that tells of success, or with the connection where that was asked for. */
function send(socketPath: string, request: EngineRequest, upgrade?: typeof UPGRADE): Promise<Readable> {
  const { method, signal, body, upload } = request;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    allowManyListeners(signal);
    const json = body && Buffer.from(JSON.stringify(body));
    const headers = {
      ...(json && { "Content-Type": "application/json", "Content-Length": json.length }),
      ...upgrade,
      ...request.headers,
    };
    const sent = startRequest({ socketPath, method, path: pathOf(request), headers, signal });
    sent.on("error", (error) => reject(translateError({ error, socketPath, signal })));
    sent.on("response", (answer) => {
      if (isSuccess(answer) && !upgrade) return resolve(answer);
      readError(answer).then(reject, (error: Error) => reject(translateError({ error, socketPath, signal })));
    });
    sent.on("upgrade", (_answer, connection: Duplex, first) => {
      if (first.length > 0) connection.unshift(first);
      resolve(connection);
    });
    if (!upload) return sent.end(json);
    upload.on("error", (error) => sent.destroy(error));
    upload.pipe(sent);
  });
}

function pathOf({ path, query = {} }: EngineRequest): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const texts = given.map(
    ([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)] as const,
  );
  return `/v${API_VERSION}${path}?${new URLSearchParams(Object.fromEntries(texts)).toString()}`;
}

/** 304: it was so already. */
const isSuccess = ({ statusCode = 0 }: IncomingMessage) =>
  (statusCode >= 200 && statusCode < 300) || statusCode === 304;

/** What Docker says went wrong. */
async function readError(answer: IncomingMessage): Promise<DockerError> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return new DockerError(answer.statusCode ?? 0, messageOf(text) ?? text.trim());
}

function messageOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { readonly message?: string }).message?.trim();
  } catch {
    // Something between here and Docker has answered in its own words.
    return undefined;
  }
}

async function readJson(body: Readable, signal: AbortSignal): Promise<unknown> {
  const release = onAbort(signal, () => body.destroy(signal.reason as Error));
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString().trim();
    return text === "" ? undefined : JSON.parse(text);
  } finally {
    release();
    body.destroy();
  }
}

interface Failure {
  readonly error: Error;
  readonly socketPath: string;
  readonly signal: AbortSignal;
}

function translateError({ error, socketPath, signal }: Failure): Error {
  if (signal.aborted) return signal.reason as Error;
  const message = `Docker does not answer at ${socketPath} (${error.message}): is dockerd running?`;
  return new RuntimeError("Unavailable", message, { cause: error });
}

function compareVersions(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}
