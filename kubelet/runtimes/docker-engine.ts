// The Docker Engine API as three functions over data, so that all that is asked of Docker can be read, and tested, without
// Docker. docker.ts is the one implementation. Paths are those of the Engine API, version 1.41.

import type { Duplex, Readable } from "node:stream";

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
  readonly signal: AbortSignal;
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
