// Serves `pods/NAME/proxy`, `services/NAME/proxy` and `nodes/NAME/proxy`: finds who is meant, and hands the request on.

import { endpoints, type Endpoints } from "../../api/core/endpoints.ts";
import { nodes, type Node } from "../../api/core/node.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { services, type Service } from "../../api/core/service.ts";
import { notFound } from "../../api/meta/status.ts";
import type { KubeObject, ObjectKey } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import type { Answer } from "../answer.ts";
import { targetOf, type ApiRequest } from "../api-request.ts";
import { objectOf } from "../registry/view.ts";
import { storageKey } from "../served-resource.ts";
import type { Server } from "../server.ts";
import { parseTarget, podUrl, serviceUrl, urlOf } from "./proxy-target.ts";
import { proxyTo, type Backend } from "./reverse-proxy.ts";

export async function serveProxy(server: Server, request: ApiRequest): Promise<Answer> {
  const { http, rest } = request;
  const backend = await findBackend(server, request);
  const slash = http.path.endsWith("/") ? "/" : "";
  const path = rest === undefined ? slash : `/${rest}${slash}`;
  return { kind: "response", response: await proxyTo(backend, http, path) };
}

async function findBackend(server: Server, request: ApiRequest): Promise<Backend> {
  const { namespace } = request;
  const { name: id } = targetOf(request);
  await request.served.cache.fresh(request.http);
  switch (request.served.resource.plural) {
    case "services":
      return backendAt(server, await findServiceUrl(server, request, id));
    case "pods": {
      const target = parseTarget(id, "pod");
      return backendAt(server, podUrl(target, requireObject<Pod>(server, pods, { namespace, name: target.name })));
    }
    default:
      return findNodeBackend(server, id);
  }
}

async function findServiceUrl(server: Server, { namespace, http }: ApiRequest, id: string): Promise<string> {
  const target = parseTarget(id, "service");
  const key = { namespace, name: target.name };
  const caches = [endpoints, pods].map((kind) => server.resources.require(kind).cache);
  await Promise.all(caches.map((cache) => cache.fresh(http)));
  return serviceUrl(target, id, {
    service: /^\d+$/.test(target.port)
      ? requireObject<Service>(server, services, key)
      : findObject<Service>(server, services, key),
    endpoints: requireObject<Endpoints>(server, endpoints, key),
    findPod: (name) => findObject<Pod>(server, pods, { namespace, name }),
    chance: () => server.random.float(),
  });
}

/** Without a port, or with its own, a node is its kubelet; with another, a program on the node that needs no certificate. */
function findNodeBackend(server: Server, id: string): Backend {
  const target = parseTarget(id, "node");
  const node = requireObject<Node>(server, nodes, { name: target.name });
  const { addresses = [], daemonEndpoints } = node.status;
  const address = addresses.find(({ type }) => type === "InternalIP")?.address ?? "";
  const kubeletPort = String(daemonEndpoints?.kubeletEndpoint?.Port ?? "");
  if (target.port !== "" && target.port !== kubeletPort) return backendAt(server, urlOf({ ...target, address }));
  return { handler: server.nodeHandler(node), host: `${address}:${kubeletPort}` };
}

const backendAt = (server: Server, url: string): Backend => ({
  handler: server.backendHandler(url),
  host: new URL(url).host,
});

function findObject<T extends KubeObject>(server: Server, kind: ResourceDefinition<T>, key: ObjectKey): T | undefined {
  const served = server.resources.require(kind);
  const entry = served.cache.get(storageKey(served, key));
  return entry && objectOf<T>(entry);
}

function requireObject<T extends KubeObject>(server: Server, kind: ResourceDefinition<T>, key: ObjectKey): T {
  const found = findObject(server, kind, key);
  if (!found) throw notFound(kind, key.name);
  return found;
}
