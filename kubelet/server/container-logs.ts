// GET /containerLogs/{namespace}/{pod}/{container}: the log of a container's newest attempt, or of the one before.

import type { Pod } from "../../api/core/pod.ts";
import { containerStatusOf } from "../../api/core/pod-state.ts";
import { StatusError } from "../../api/meta/status.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http.ts";
import type { ContainerRuntime, LogOptions, RuntimeContainer, RuntimePod } from "../runtimes/runtime.ts";

export interface LogTarget {
  readonly pod: Pod;
  readonly runtime: RuntimePod | undefined;
  readonly container: string;
}

/** Throws StatusError with Kubernetes' message when there is no such log. */
export function serveLogs(
  runtime: ContainerRuntime,
  target: LogTarget,
  { query, signal, nowMs }: Pick<HttpRequest, "query" | "signal"> & { readonly nowMs: number },
): HttpResponse {
  const { id } = findContainer(target, query.get("previous") === "true");
  const options: LogOptions = { signal, ...parseLogOptions(query, nowMs) };
  const limit = query.get("limitBytes");
  const chunks = runtime.logs(id, options);
  return {
    status: 200,
    headers: { "content-type": "text/plain" },
    body: { kind: "stream", chunks: limit ? limitBytes(chunks, Number(limit)) : chunks },
  };
}

/** The newest attempt; with `previous` the last one that has ended before it. */
export function findContainer({ pod, runtime, container }: LogTarget, previous: boolean): RuntimeContainer {
  const { name } = pod.metadata;
  const [newest, before] = runtime?.containers.filter((each) => each.name === container) ?? [];
  if (previous && before) return before;
  if (previous) {
    throw new StatusError("BadRequest", `previous terminated container "${container}" in pod "${name}" not found`);
  }
  if (newest) return newest;
  const reason = containerStatusOf(pod, container)?.state.waiting?.reason ?? "ContainerCreating";
  throw new StatusError("BadRequest", `container "${container}" in pod "${name}" is waiting to start: ${reason}`);
}

/** Throws StatusError BadRequest for what is no number or time. */
export function parseLogOptions(query: URLSearchParams, nowMs: number): Omit<LogOptions, "signal"> {
  const tailLines = readNumber(query, "tailLines");
  const sinceSeconds = readNumber(query, "sinceSeconds");
  const sinceTime = query.get("sinceTime");
  const sinceMs = sinceTime
    ? Date.parse(sinceTime)
    : sinceSeconds === undefined
      ? undefined
      : nowMs - sinceSeconds * 1000;
  if (Number.isNaN(sinceMs)) throw new StatusError("BadRequest", `sinceTime: "${sinceTime}" is not a time`);
  return {
    follow: query.get("follow") === "true",
    timestamps: query.get("timestamps") === "true",
    ...(tailLines !== undefined && { tailLines }),
    ...(sinceMs !== undefined && { sinceMs }),
  };
}

function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (!/^\d+$/.test(text)) throw new StatusError("BadRequest", `${name}: "${text}" is not a whole number`);
  return Number(text);
}

async function* limitBytes(chunks: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array> {
  let left = bytesMax;
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}
