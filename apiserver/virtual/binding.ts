// `bindings`: the older way to bind a pod to a node, with the pod's name in the body.

import { bindings } from "../../api/core/binding.ts";
import { pods } from "../../api/core/pod.ts";
import { createBinding } from "../subresources/binding.ts";
import type { VirtualResource } from "./virtual-resource.ts";

export const bindingResource: VirtualResource = {
  resource: bindings,
  create(server, request) {
    const served = server.resources.require(pods);
    return createBinding(server, { ...request, served, version: pods, subresource: "binding" });
  },
};
