// What the kubelet's endpoint does with one container or pod: logs, exec, attach, run and port-forward.

import type { Pod } from "../../api/core/pod.ts";
import { StatusError } from "../../api/meta/status.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http.ts";
import { wantsSpdy } from "../../lib/spdy/accept-spdy.ts";
import { acceptChannels, channelProtocols } from "../../lib/websocket.ts";
import type { ProcessStreams, RuntimePod } from "../runtimes/runtime.ts";
import { channelStreams } from "./channel-streams.ts";
import { serveLogs } from "./container-logs.ts";
import { carryStreams, parseStreamRequest, type RemoteStreams } from "./container-streams.ts";
import { carryPorts, parsePorts } from "./port-forward.ts";
import { text, type KubeletHandlerDeps, type Routes } from "./route.ts";
import { runToEnd } from "./run-to-end.ts";
import { acceptSpdyPorts } from "./spdy-port-forward.ts";
import { acceptSpdyStreams } from "./spdy-streams.ts";

const STREAMED = ["GET", "POST"];

export const containerRoutes: Routes = {
  containerLogs: { names: 3, serve: serveContainerLogs },
  exec: { names: 3, methods: STREAMED, serve: serveExec },
  attach: { names: 3, methods: STREAMED, serve: serveAttach },
  run: { names: 3, methods: ["POST"], serve: serveRun },
  portForward: { names: 2, methods: STREAMED, serve: servePortForward },
};

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

async function serveRun(
  deps: KubeletHandlerDeps,
  { query, signal }: HttpRequest,
  names: readonly string[],
): Promise<HttpResponse> {
  const id = findRunning(deps, names);
  const command = (query.get("cmd") ?? "").split(" ");
  const output = await runToEnd(signal, (streams) => deps.runtime.exec(id, command, streams));
  return text(200, output, "application/json");
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
