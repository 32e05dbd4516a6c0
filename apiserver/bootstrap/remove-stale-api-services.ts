// Removes the APIService objects of versions that this server does not serve any more, such as one that --runtime-config has
// turned on before: as kube-aggregator does at its start with what it made itself.

import { apiServices, type APIService } from "../../api/apiregistration/api-service.ts";
import { keyOf, type KubeObject } from "../../api/meta/object.ts";
import { planRemoval } from "../registry/plan-write.ts";
import { transact } from "../registry/transact.ts";
import type { Server } from "../server.ts";
import { AUTOMANAGED_LABELS } from "./local-api-services.ts";

/** What others have made, and what is served elsewhere, stays. */
export async function removeStaleApiServices(server: Server): Promise<void> {
  const served = server.resources.require(apiServices);
  const isStale = (object: KubeObject) => {
    const { metadata, spec } = object as APIService;
    const isOurs = Object.entries(AUTOMANAGED_LABELS).every(([key, value]) => metadata.labels?.[key] === value);
    return isOurs && !spec.service && !server.resources.hasVersion(spec.group ?? "", spec.version ?? "");
  };
  const stale = served.cache.list(served.prefix).filter(({ object }) => isStale(object));
  await Promise.all(
    stale.map(({ object }) =>
      transact(server, async (view) => {
        const key = keyOf(object);
        const old = await view.get(served, key);
        if (!old || !isStale(old.object)) return { outcome: () => undefined };
        const { draft } = await planRemoval(served, { key, old }, { view });
        return { draft, outcome: () => undefined };
      }),
    ),
  );
}
