// Resources that can only be created and are stored nowhere: what is created is an act upon other objects, or a question.

import { pods } from "../api/core/pod.ts";
import type { DataAnswer } from "./answer.ts";
import type { ApiRequest, VirtualRequest } from "./api-request.ts";
import type { VirtualRoute } from "./routes.ts";
import type { Server } from "./server.ts";
import { createBinding } from "./subresources/binding.ts";
import { createPlacements } from "./subresources/placements.ts";

export function serveVirtual(server: Server, route: VirtualRoute, request: VirtualRequest): Promise<DataAnswer> {
  switch (route.plural) {
    case "placements":
      return createPlacements(server, request);
    case "selfsubjectreviews":
      return Promise.resolve(reviewSelf(request));
    default:
      return bind(server, route, request);
  }
}

/** Who the server takes the asker for: `kubectl auth whoami`. What the question says besides does not matter. */
function reviewSelf({ user }: VirtualRequest): DataAnswer {
  const { username, uid, groups, extra } = user;
  const userInfo = { username, ...(uid && { uid }), groups, ...(extra && { extra }) };
  const metadata = { creationTimestamp: null };
  const data = { kind: "SelfSubjectReview", apiVersion: "authentication.k8s.io/v1", metadata, status: { userInfo } };
  return { kind: "data", status: 201, data };
}

/** `bindings`: the older way to bind, with the pod's name in the body. */
function bind(server: Server, { namespace }: VirtualRoute, request: VirtualRequest): Promise<DataAnswer> {
  const served = server.resources.require(pods);
  const bindingRequest: ApiRequest = {
    ...request,
    served,
    version: pods,
    namespace,
    subresource: "binding",
    warnings: [],
  };
  return createBinding(server, bindingRequest);
}
