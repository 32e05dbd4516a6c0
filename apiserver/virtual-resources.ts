// Resources that can only be created and are stored nowhere: what is created is an act upon other objects.

import { pods } from "../api/core/pod.ts";
import type { DataAnswer } from "./answer.ts";
import type { ApiRequest, VirtualRequest } from "./api-request.ts";
import type { VirtualRoute } from "./routes.ts";
import type { Server } from "./server.ts";
import { createBinding } from "./subresources/binding.ts";
import { createPlacements } from "./subresources/placements.ts";

export function serveVirtual(server: Server, route: VirtualRoute, request: VirtualRequest): Promise<DataAnswer> {
  return route.plural === "placements" ? createPlacements(server, request) : bind(server, route, request);
}

/** `bindings`: the older way to bind, with the pod's name in the body. */
function bind(server: Server, { namespace }: VirtualRoute, request: VirtualRequest): Promise<DataAnswer> {
  const served = server.resources.require(pods);
  const bindingRequest: ApiRequest = { ...request, served, namespace, subresource: "binding", warnings: [] };
  return createBinding(server, bindingRequest);
}
