// The kubelet's own endpoint: logs, exec, attach and port-forward for the API server, and what shows its health. The paths
// are Kubernetes'. It reads from the kubelet and the runtime and changes nothing of either.

import type { Pod } from "../../api/core/pod.ts";
import { StatusError } from "../../api/meta/status.ts";
import type { Clock } from "../../lib/clock.ts";
import { HttpError, type Handler, type HttpRequest, type HttpResponse } from "../../lib/http.ts";
import type { Log } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";
import { wantsSpdy } from "../../lib/spdy/accept-spdy.ts";
import { acceptChannels, channelProtocols } from "../../lib/websocket.ts";
import type { Kubelet } from "../kubelet.ts";
import type { RuntimeSnapshot } from "../runtime-snapshot.ts";
import { isRuntimeError } from "../runtimes/runtime-error.ts";
import type { ContainerRuntime, ProcessStreams, RuntimePod } from "../runtimes/runtime.ts";
import type { NodeMeter } from "../stats/measurement.ts";
import { renderResourceMetrics } from "../stats/resource-metrics.ts";
import { buildSummary } from "../stats/summary.ts";
import { isAnonymous, isAuthorized } from "./authorize.ts";
import { channelStreams } from "./channel-streams.ts";
import { serveLogs } from "./container-logs.ts";
import { carryStreams, parseStreamRequest, type RemoteStreams } from "./container-streams.ts";
import { carryPorts, parsePorts } from "./port-forward.ts";
import { acceptSpdyPorts } from "./spdy-port-forward.ts";
import { acceptSpdyStreams } from "./spdy-streams.ts";

export interface KubeletHandlerDeps {
  readonly kubelet: Pick<Kubelet, "find" | "list">;
  readonly snapshot: Pick<RuntimeSnapshot, "get" | "problem">;
  readonly runtime: ContainerRuntime;
  readonly metrics: Metrics;
  readonly meter: Pick<NodeMeter, "measure">;
  readonly nodeName: string;
  readonly machine: { readonly memoryBytes: number };
  readonly nodeAddress: string;
  readonly clock: Clock;
  readonly log: Log;
}

type Route = (
  deps: KubeletHandlerDeps,
  request: HttpRequest,
  names: readonly string[],
) => HttpResponse | Promise<HttpResponse>;

const routes: Readonly<Record<string, { readonly names: number; readonly serve: Route }>> = {
  healthz: { names: 0, serve: serveHealth },
  pods: { names: 0, serve: servePods },
  metrics: { names: 0, serve: serveMetrics },
  "metrics/resource": { names: 0, serve: serveResourceMetrics },
  "stats/summary": { names: 0, serve: serveSummary },
  containerLogs: { names: 3, serve: serveContainerLogs },
  exec: { names: 3, serve: serveExec },
  attach: { names: 3, serve: serveAttach },
  portForward: { names: 2, serve: servePortForward },
};

/** Answers every request; failures are plain text, as a kubelet's are. */
export function createKubeletHandler(deps: KubeletHandlerDeps): Handler {
  return async (request) => {
    if (isAnonymous(request.peer)) return text(401, "Unauthorized");
    if (!isAuthorized(request.peer))
      return text(403, "Forbidden: only API servers and administrators may ask a kubelet");
    const { route, names } = findRoute(request.path.slice(1));
    if (!route || route.names !== names.length) return text(404, "404 page not found");
    try {
      return await route.serve(deps, request, names);
    } catch (error) {
      return answerFailure(deps, request, error);
    }
  };
}

/** By the whole path, or by its first part with names behind it. */
function findRoute(path: string) {
  if (Object.hasOwn(routes, path)) return { route: routes[path], names: [] };
  const [first = "", ...names] = path.split("/");
  return { route: Object.hasOwn(routes, first) ? routes[first] : undefined, names };
}

const text = (status: number, message: string): HttpResponse => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body: { kind: "bytes", bytes: Buffer.from(message) },
});

function answerFailure({ log }: KubeletHandlerDeps, { method, path }: HttpRequest, error: unknown): HttpResponse {
  if (error instanceof StatusError || error instanceof HttpError) return text(error.code, error.message);
  if (isRuntimeError(error, "NotFound")) return text(404, error.message);
  log.error("A request to the kubelet failed", { method, path, error });
  return text(500, "the kubelet failed to answer; its log says why");
}

function serveHealth({ snapshot }: KubeletHandlerDeps): HttpResponse {
  return snapshot.problem === undefined ? text(200, "ok") : text(500, `container runtime is down: ${snapshot.problem}`);
}

function servePods({ kubelet }: KubeletHandlerDeps): HttpResponse {
  return json({ kind: "PodList", apiVersion: "v1", metadata: {}, items: kubelet.list() });
}

const json = (object: object): HttpResponse => ({
  status: 200,
  headers: { "content-type": "application/json" },
  body: { kind: "object", object, chunks: () => [Buffer.from(JSON.stringify(object))] },
});

async function serveResourceMetrics({ meter }: KubeletHandlerDeps, { signal }: HttpRequest): Promise<HttpResponse> {
  const { now } = await meter.measure(signal);
  return {
    status: 200,
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
    body: { kind: "bytes", bytes: Buffer.from(renderResourceMetrics(now)) },
  };
}

async function serveSummary(
  { meter, nodeName, machine: { memoryBytes } }: KubeletHandlerDeps,
  { signal }: HttpRequest,
): Promise<HttpResponse> {
  const { now, before } = await meter.measure(signal);
  return json(buildSummary({ nodeName, memoryBytes }, now, before));
}

async function serveMetrics({ metrics }: KubeletHandlerDeps): Promise<HttpResponse> {
  const { text: exposition, contentType } = await metrics.render();
  return {
    status: 200,
    headers: { "content-type": contentType },
    body: { kind: "bytes", bytes: Buffer.from(exposition) },
  };
}

interface Target {
  readonly pod: Pod;
  readonly runtime: RuntimePod | undefined;
  readonly container: string;
}

function findTarget({ kubelet, snapshot }: KubeletHandlerDeps, names: readonly string[]): Target {
  const [namespace = "", name = "", container = ""] = names;
  const pod = kubelet.find({ namespace, name });
  if (!pod) throw new StatusError("NotFound", `pod "${name}" not found in namespace "${namespace}"`);
  return { pod, runtime: snapshot.get(pod.metadata.uid), container };
}

function serveContainerLogs(deps: KubeletHandlerDeps, request: HttpRequest, names: readonly string[]): HttpResponse {
  const { query, signal } = request;
  return serveLogs(deps.runtime, findTarget(deps, names), { query, signal, nowMs: deps.clock.now() });
}

function findRunning(deps: KubeletHandlerDeps, names: readonly string[]): string {
  const { pod, runtime, container } = findTarget(deps, names);
  const found = runtime?.containers.find(({ name, state }) => name === container && state === "running");
  if (found) return found.id;
  throw new StatusError(
    "NotFound",
    `container not found ("${container}" of pod "${pod.metadata.name}" is not running)`,
  );
}

function serveExec(deps: KubeletHandlerDeps, request: HttpRequest, names: readonly string[]): HttpResponse {
  const id = findRunning(deps, names);
  const command = request.query.getAll("command");
  if (command.length === 0) throw new StatusError("BadRequest", "you must specify at least one command");
  return acceptStreams(deps, request, (streams) => deps.runtime.exec(id, command, streams));
}

function serveAttach(deps: KubeletHandlerDeps, request: HttpRequest, names: readonly string[]): HttpResponse {
  const id = findRunning(deps, names);
  return acceptStreams(deps, request, (streams) => deps.runtime.attach(id, streams).then(() => 0));
}

function acceptStreams(
  { clock }: KubeletHandlerDeps,
  request: HttpRequest,
  program: (streams: ProcessStreams) => Promise<number>,
): HttpResponse {
  const wanted = parseStreamRequest(request.query);
  const serve = (remote: RemoteStreams) => void carryStreams(remote, wanted, program);
  if (wantsSpdy(request)) return acceptSpdyStreams(request, { wanted, clock, serve });
  return acceptChannels(request, {
    protocols: channelProtocols,
    serve: (channels) => serve(channelStreams(channels)),
  });
}

function servePortForward(deps: KubeletHandlerDeps, request: HttpRequest, names: readonly string[]): HttpResponse {
  const { pod, runtime } = findTarget(deps, names);
  const sandbox = runtime?.sandboxes.find(({ running }) => running);
  if (!sandbox) throw new StatusError("BadRequest", `pod "${pod.metadata.name}" is not running`);
  const host = sandbox.ip ?? deps.nodeAddress;
  if (wantsSpdy(request)) return acceptSpdyPorts(request, { host, id: sandbox.id }, deps.clock);
  const ports = parsePorts(request.query);
  return acceptChannels(request, {
    protocols: channelProtocols,
    serve: (channels) => void carryPorts(channels, host, ports),
  });
}
