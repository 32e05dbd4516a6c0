// What a component tells about itself over HTTP: whether it lives and is ready, its figures for Prometheus, and what it was told
// to do. The paths and answers are those of Kubernetes' components. Health is for everybody, the rest for who may read it.

import { StatusError } from "../api/meta/status.ts";
import type { Handler, HttpRequest, HttpResponse } from "../lib/http.ts";
import type { Log } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Client } from "./client.ts";
import { requireAccess } from "./delegated-access.ts";

export interface ComponentHandlerParts {
  readonly client: Client;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Shown at /configz, under a name. */
  readonly configuration: Readonly<Record<string, object>>;
  /** Whether its caches show the cluster; one that is not elected has none, and is ready to be. */
  isReady(): boolean;
}

type Route = (parts: ComponentHandlerParts) => HttpResponse | Promise<HttpResponse>;

const isAlive: Route = () => text(200, "ok");

const health = new Map<string, Route>([
  ["/healthz", isAlive],
  ["/livez", isAlive],
  ["/readyz", ({ isReady }) => (isReady() ? text(200, "ok") : text(500, NOT_READY))],
]);
const NOT_READY = "[+]ping ok\n[-]informer-sync failed: reason withheld\nreadyz check failed\n";

const guarded = new Map<string, Route>([
  ["/metrics", async ({ metrics }) => text(200, ...(await exposed(metrics)))],
  ["/configz", ({ configuration }) => json(200, configuration)],
]);

async function exposed(metrics: Metrics): Promise<readonly [text: string, contentType: string]> {
  const { text: exposition, contentType } = await metrics.render();
  return [exposition, contentType];
}

export function createComponentHandler(parts: ComponentHandlerParts): Handler {
  return async (request) => {
    try {
      return await answer(parts, request);
    } catch (error) {
      if (error instanceof StatusError) return json(error.code, error.toStatus());
      parts.log.error("A request to the component failed", { path: request.path, error });
      return text(500, "the component failed to answer; its log says why\n");
    }
  };
}

async function answer(parts: ComponentHandlerParts, request: HttpRequest): Promise<HttpResponse> {
  const { method, path } = request;
  const open = health.get(path);
  if (!open) await requireAccess(parts.client, request);
  const route = open ?? guarded.get(path);
  if (!route) return text(404, "404 page not found\n");
  return method === "GET" || method === "HEAD" ? route(parts) : text(405, "Method Not Allowed\n");
}

const text = (status: number, message: string, contentType = "text/plain; charset=utf-8"): HttpResponse => ({
  status,
  headers: { "content-type": contentType },
  body: { kind: "bytes", bytes: Buffer.from(message) },
});

const json = (status: number, object: object): HttpResponse =>
  text(status, `${JSON.stringify(object)}\n`, "application/json");
