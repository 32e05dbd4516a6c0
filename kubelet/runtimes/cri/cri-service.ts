// A container runtime that speaks the CRI, as the rest of this folder sees it: calls and what can come back. The library
// that carries them is in grpc.ts.

import type { MethodName, RequestOf, ResponseOf } from "./schema.ts";

type Runtime = "runtime.v1.RuntimeService";
type Images = "runtime.v1.ImageService";

export type RuntimeMethod = MethodName extends infer M ? (M extends `${Runtime}/${infer N}` ? N : never) : never;
export type ImageMethod = MethodName extends infer M ? (M extends `${Images}/${infer N}` ? N : never) : never;
type RuntimeCall<N extends RuntimeMethod> = Extract<MethodName, `${Runtime}/${N}`>;
type ImageCall<N extends ImageMethod> = Extract<MethodName, `${Images}/${N}`>;
type Events = "containerd.services.events.v1.Events/Subscribe";

/** Aborting the signal rejects with its reason. Rejects with CriError, or RuntimeError `Unavailable` where nobody answers. */
export interface CriService {
  readonly endpoint: string;
  runtime<N extends RuntimeMethod>(
    method: N,
    request: RequestOf<RuntimeCall<N>>,
    signal: AbortSignal,
  ): Promise<ResponseOf<RuntimeCall<N>>>;
  image<N extends ImageMethod>(
    method: N,
    request: RequestOf<ImageCall<N>>,
    signal: AbortSignal,
  ): Promise<ResponseOf<ImageCall<N>>>;
  /** containerd's events; other runtimes refuse with `Unimplemented`. Ends with an error, or when aborted. */
  events(request: RequestOf<Events>, signal: AbortSignal): AsyncIterable<ResponseOf<Events>>;
}

/** The codes of gRPC by their numbers. */
const CODES = [
  "OK",
  "Canceled",
  "Unknown",
  "InvalidArgument",
  "DeadlineExceeded",
  "NotFound",
  "AlreadyExists",
  "PermissionDenied",
  "ResourceExhausted",
  "FailedPrecondition",
  "Aborted",
  "OutOfRange",
  "Unimplemented",
  "Internal",
  "Unavailable",
  "DataLoss",
  "Unauthenticated",
] as const;

export type CriCode = (typeof CODES)[number];

/** The runtime has refused a call, or failed. The message is in the words that kubelets write into events. */
export class CriError extends Error {
  readonly code: CriCode;
  /** Without the code. */
  readonly details: string;

  constructor(number: number, details: string) {
    const code = CODES[number] ?? "Unknown";
    super(`rpc error: code = ${code} desc = ${details}`);
    this.name = "CriError";
    this.code = code;
    this.details = details;
  }
}

export function isCode(error: unknown, ...codes: readonly CriCode[]): error is CriError {
  return error instanceof CriError && codes.includes(error.code);
}

/** "Not there" is success. */
export async function ignoringAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isCode(error, "NotFound")) return undefined;
    throw error;
  }
}
