// The kinds that ship in the box. Adding one is a file of its own and a line here.

import { configMaps } from "./core/config-map.ts";
import { endpoints } from "./core/endpoints.ts";
import { events } from "./core/event.ts";
import { namespaces } from "./core/namespace.ts";
import { nodes } from "./core/node.ts";
import { pods } from "./core/pod.ts";
import { secrets } from "./core/secret.ts";
import { serviceAccounts } from "./core/service-account.ts";
import { services } from "./core/service.ts";
import { deployments } from "./apps/deployment.ts";
import { replicaSets } from "./apps/replica-set.ts";
import { leases } from "./coordination/lease.ts";
import { endpointSlices } from "./discovery/endpoint-slice.ts";
import type { ResourceDefinition } from "./resource.ts";

export const builtinResources: readonly ResourceDefinition[] = [
  configMaps,
  endpoints,
  events,
  namespaces,
  nodes,
  pods,
  secrets,
  serviceAccounts,
  services,
  deployments,
  replicaSets,
  leases,
  endpointSlices,
];
