// The Docker Engine API as three functions over data, so that all that is asked of Docker can be read, and tested, without
// Docker. docker.ts is the one implementation. Paths are those of the Engine API, version 1.41.

import type { Duplex, Readable } from "node:stream";
import type { Clock } from "../../lib/clock.ts";
import { onAbort, withDeadline } from "./abort.ts";

export interface DockerEngine {
  /** Resolves with the decoded answer, undefined where there is none. Throws DockerError, or RuntimeError `Unavailable`. */
  call(request: EngineRequest): Promise<unknown>;
  /** The answer's body as it comes. Destroying it ends the request. */
  stream(request: EngineRequest): Promise<Readable>;
  /** Turns the connection into a raw byte stream. Ending it closes the program's standard input only. */
  connect(request: EngineRequest): Promise<Duplex>;
}

export interface EngineRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  /** Objects are sent as JSON; undefined ones are left out. */
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: object;
  /** Sent instead of `body`: a tar archive. */
  readonly upload?: Readable;
  readonly headers?: Readonly<Record<string, string>>;
  /** Its answer begins when Docker is done, or others are: only the signal ends it. */
  readonly isLong?: true;
  readonly signal: AbortSignal;
}

/** Docker answers within seconds even under load. */
const ANSWER_MAX_MS = 120_000;

/**
 * The same engine for callers that must not wait for ever: an answer that has not begun after two minutes is a RuntimeError
 * `Unavailable`. Streams and connections last as long as their signals let them, once they have begun.
 */
export function limitAnswers(engine: DockerEngine, clock: Clock): DockerEngine {
  const limits = (signal: AbortSignal) => ({ clock, signal, deadlineMs: ANSWER_MAX_MS });
  const open = <T extends Readable | Duplex>(request: EngineRequest, send: (request: EngineRequest) => Promise<T>) => {
    if (request.isLong) return send(request);
    return withDeadline(limits(request.signal), async (until) => {
      // The engine's signal outlives the deadline: it also ends what the answer began.
      const ended = new AbortController();
      onAbort(until, () => ended.abort(until.reason));
      const opened = await send({ ...request, signal: ended.signal });
      opened.once(
        "close",
        onAbort(request.signal, () => ended.abort(request.signal.reason)),
      );
      return opened;
    });
  };
  return {
    call: (request) =>
      request.isLong
        ? engine.call(request)
        : withDeadline(limits(request.signal), (until) => engine.call({ ...request, signal: until })),
    stream: (request) => open(request, (limited) => engine.stream(limited)),
    connect: (request) => open(request, (limited) => engine.connect(limited)),
  };
}

/** An answer other than success. */
export class DockerError extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.name = "DockerError";
    this.statusCode = statusCode;
  }
}

export const isStatus = (error: unknown, ...statusCodes: readonly number[]): error is DockerError =>
  error instanceof DockerError && statusCodes.includes(error.statusCode);

/** Resolves with undefined where Docker answers with one of these codes. */
export async function ignoring<T>(statusCodes: readonly number[], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isStatus(error, ...statusCodes)) return undefined;
    throw error;
  }
}

/** An element of GET /containers/json. */
export interface ContainerSummary {
  readonly Id: string;
  readonly ImageID: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly State: string;
  /** Seconds since 1970. */
  readonly Created: number;
}

/** GET /containers/{id}/json, as far as it is used. */
export interface ContainerDetails {
  readonly Id: string;
  readonly Config: { readonly Tty: boolean; readonly Labels: Readonly<Record<string, string>> };
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Error: string;
    readonly StartedAt: string;
    readonly FinishedAt: string;
  };
  readonly HostConfig?: { readonly CpuShares?: number; readonly CpuQuota?: number; readonly Memory?: number };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}

/** GET /images/{name}/json, and with fewer fields an element of GET /images/json. */
export interface ImageDetails {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Size: number;
  readonly Config?: { readonly User?: string; readonly Labels?: Readonly<Record<string, string>> | null } | null;
}
