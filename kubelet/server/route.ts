// What the routes of the kubelet's endpoint have in common: what they read from, and the two forms of their answers.

import type { Client } from "../../client/client.ts";
import type { Clock } from "../../lib/clock.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http.ts";
import type { Log } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";
import type { Observations } from "../eviction/thresholds.ts";
import type { Kubelet } from "../kubelet.ts";
import type { Prober } from "../prober.ts";
import type { RuntimeSnapshot } from "../runtime-snapshot.ts";
import type { ContainerRuntime } from "../runtimes/runtime.ts";
import type { NodeMeter } from "../stats/measurement.ts";

export interface KubeletHandlerDeps {
  /** Says who may ask for what. */
  readonly client: Client;
  readonly kubelet: Pick<Kubelet, "find" | "list">;
  readonly prober: Pick<Prober, "counts">;
  readonly snapshot: Pick<RuntimeSnapshot, "get" | "pods" | "problem">;
  readonly runtime: ContainerRuntime;
  readonly metrics: Metrics;
  readonly meter: Pick<NodeMeter, "measure">;
  readonly nodeName: string;
  readonly machine: { readonly cpuMillis: number; readonly memoryBytes: number };
  readonly nodeAddress: string;
  /** What the machine has left; nobody knows unless given. */
  observe?(): Promise<Observations>;
  /** What the kubelet was told to do, as fields of a KubeletConfiguration. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  readonly log: Log;
}

export type Serve = (
  deps: KubeletHandlerDeps,
  request: HttpRequest,
  names: readonly string[],
) => HttpResponse | Promise<HttpResponse>;

export interface Route {
  /** GET and HEAD unless given. */
  readonly methods?: readonly string[];
  /** What follows in the path: the names of a namespace, a pod and a container; nothing unless given. */
  readonly names?: number;
  readonly serve: Serve;
}

/** By the path, without names and the first slash. */
export type Routes = Readonly<Record<string, Route>>;

export const text = (status: number, message: string, contentType = "text/plain; charset=utf-8"): HttpResponse => ({
  status,
  headers: { "content-type": contentType },
  body: { kind: "bytes", bytes: Buffer.from(message) },
});

export const json = (object: object): HttpResponse => ({
  status: 200,
  headers: { "content-type": "application/json" },
  body: { kind: "object", object, chunks: () => [Buffer.from(JSON.stringify(object))] },
});
