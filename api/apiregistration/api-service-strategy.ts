// What the server itself writes into API services: those that it serves itself are available from the beginning.

import type { APIService, APIServiceCondition } from "./api-service.ts";

/** Of a version that this server serves itself. `now` is RFC 3339. */
export const localCondition = (now: string): APIServiceCondition => ({
  type: "Available",
  status: "True",
  lastTransitionTime: now,
  reason: "Local",
  message: "Local APIServices are always available",
});

export function prepareApiService(service: APIService, old?: APIService): APIService {
  if (old) return { ...service, status: old.status };
  const isLocal = service.spec.service === undefined;
  return {
    ...service,
    status: isLocal ? { conditions: [localCondition(service.metadata.creationTimestamp)] } : {},
  };
}
