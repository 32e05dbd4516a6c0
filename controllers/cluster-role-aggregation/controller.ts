// Fills in the rules of cluster roles that are made of others, such as admin, edit and view, whenever one of the others
// changes, comes or goes.

import { clusterRoles, type ClusterRole } from "../../api/rbac/cluster-role.ts";
import { keyOf } from "../../api/meta/object.ts";
import { apiVersionOf } from "../../api/resource.ts";
import type { Controller, ControllerDeps, Reconciler } from "../../client/controller.ts";
import type { Indexers } from "../../client/informer.ts";
import { planRules } from "./plan-rules.ts";

const AGGREGATED = "aggregated";
const MANAGER = "clusterrole-aggregation-controller";

const aggregated: Indexers<ClusterRole> = {
  [AGGREGATED]: ({ aggregationRule }) => (aggregationRule ? [AGGREGATED] : []),
};

export const clusterRoleAggregationController: Controller<ClusterRole> = {
  name: "clusterrole-aggregation",
  for: clusterRoles,
  watches: [
    {
      resource: clusterRoles,
      map: (_, { informer }) => informer(clusterRoles, aggregated).byIndex(AGGREGATED, AGGREGATED).map(keyOf),
    },
  ],
  build: (deps) => new ClusterRoleAggregation(deps),
};

class ClusterRoleAggregation implements Reconciler<ClusterRole> {
  readonly #deps: ControllerDeps;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    deps.informer(clusterRoles, aggregated);
  }

  async reconcile(role: ClusterRole): Promise<void> {
    if (!role.aggregationRule) return;
    const { client, informer } = this.#deps;
    const rules = planRules(role, informer(clusterRoles, aggregated).list());
    if (!rules) return;
    // Whoever has written rules by hand loses them: they are never more than those of the others.
    const { name, uid } = role.metadata;
    // The uid keeps a role that is gone from being made anew.
    const patch = { apiVersion: apiVersionOf(clusterRoles), kind: clusterRoles.kind, metadata: { name, uid }, rules };
    await client.patch(clusterRoles, { name }, { type: "apply", patch, force: true }, { fieldManager: MANAGER });
  }
}
