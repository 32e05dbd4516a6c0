// Docker as a container runtime: the one file that knows the client library. It puts Engine API requests on the socket and
// turns what comes back into the project's own terms; what is asked of Docker is decided in the docker-*.ts files.

import type { Duplex, Readable } from "node:stream";
import Dockerode from "dockerode";
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
  const { modem } = new Dockerode({ socketPath, host: undefined, version: `v${API_VERSION}` }) as {
    modem: { dial(options: object, done: (error: Error | null, answer: unknown) => void): void };
  };
  const dial = (request: EngineRequest, extra: object = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      request.signal.throwIfAborted();
      allowManyListeners(request.signal);
      const query = Object.entries(request.query ?? {}).filter(([, value]) => value !== undefined);
      const dialed = {
        method: request.method,
        path: `${request.path}?`,
        options: { _query: Object.fromEntries(query), _body: request.body ?? {} },
        headers: { ...request.headers },
        file: request.upload,
        abortSignal: request.signal,
        isStream: true,
        statusCodes: { 200: true, 201: true, 204: true, 304: true },
        ...extra,
      };
      modem.dial(dialed, (error, answer) => {
        if (error) reject(translateError({ error, socketPath, signal: request.signal }));
        else resolve(answer);
      });
    });
  return {
    call: async (request) => readJson((await dial(request)) as Readable, request.signal),
    stream: async (request) => (await dial(request)) as Readable,
    connect: async (request) => (await dial(request, { hijack: true })) as Duplex,
  };
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
  readonly error: Error & { statusCode?: number };
  readonly socketPath: string;
  readonly signal: AbortSignal;
}

function translateError({ error, socketPath, signal }: Failure): Error {
  if (signal.aborted) return signal.reason as Error;
  if (error.statusCode === undefined) {
    const message = `Docker does not answer at ${socketPath} (${error.message}): is dockerd running?`;
    return new RuntimeError("Unavailable", message, { cause: error });
  }
  // The library puts its own words before Docker's: `(HTTP code 404) unexpected - No such container: x`.
  const message = error.message.replace(/^\(HTTP code \d+\) \S+ - /, "").trim();
  return new DockerError(error.statusCode, message);
}

function compareVersions(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}
