// Nobody gives away rights that they do not hold: neither by a role that allows more, nor by a binding to one. The verbs
// `escalate` and `bind` say who may nevertheless. Kubernetes decides this where roles are stored, and has no plugin for it.

import { clusterRoleBindings } from "../../api/rbac/cluster-role-binding.ts";
import { clusterRoles, type ClusterRole } from "../../api/rbac/cluster-role.ts";
import { roleBindings, type RoleBinding } from "../../api/rbac/role-binding.ts";
import { roles, type PolicyRule, type Role } from "../../api/rbac/role.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { notFound } from "../../api/meta/status.ts";
import { findMissing, quoteList, renderRule } from "../auth/rule-coverage.ts";
import type { Attributes } from "../authorizer.ts";
import { objectOf } from "../registry/view.ts";
import { isAbout, refused, type AdmissionRequest, type AdmissionStep } from "./admission-step.ts";

export const roleEscalation: AdmissionStep = {
  name: "RoleEscalation",
  isFixed: true,
  async validate(request) {
    if (!request.object || request.user.groups.includes("system:masters")) return undefined;
    if (isAbout(request, roles) || isAbout(request, clusterRoles)) checkRole(request);
    else if (isAbout(request, roleBindings) || isAbout(request, clusterRoleBindings)) await checkBinding(request);
    return undefined;
  },
};

type Change<T> = AdmissionRequest & { readonly object: T; readonly old?: T };

/** Whoever may choose what a role is made of may let it become anything. */
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

function checkRole(request: AdmissionRequest): void {
  const { object: role, old } = request as Change<ClusterRole>;
  const isUnchanged = semanticEqual([role.rules, role.aggregationRule], [old?.rules, old?.aggregationRule]);
  if (old && isUnchanged) return;
  if (isAllowed(request, { verb: "escalate", resource: request.served.resource, name: request.name })) return;
  const { aggregationRule, rules = [] } = role;
  assertHeld(request, semanticEqual(aggregationRule, old?.aggregationRule) ? rules : [...rules, ...EVERYTHING]);
}

async function checkBinding(request: AdmissionRequest): Promise<void> {
  const { object: binding, old } = request as Change<RoleBinding>;
  if (old && semanticEqual([binding.roleRef, binding.subjects], [old.roleRef, old.subjects])) return;
  const { kind, name } = binding.roleRef;
  const resource = kind === "Role" ? roles : clusterRoles;
  if (isAllowed(request, { verb: "bind", resource, name })) return;
  const key = kind === "Role" ? { namespace: request.namespace, name } : { name };
  const entry = await request.view.get(request.resources.require(resource), key);
  if (!entry) throw notFound(resource, name);
  assertHeld(request, objectOf<Role>(entry).rules ?? []);
}

const isAllowed = (
  { user, namespace, authorizer }: AdmissionRequest,
  asked: Pick<Attributes, "verb" | "resource" | "name">,
) => authorizer.authorize({ ...asked, user, namespace, path: "" }).verdict === "allow";

function assertHeld(request: AdmissionRequest, rules: readonly PolicyRule[]): void {
  const { user, namespace = "", authorizer } = request;
  const held = authorizer.rulesFor(user, namespace);
  const missing = findMissing(held, rules);
  if (missing.length === 0) return;
  const list = [...new Set(missing.map(renderRule))].sort().join("\n");
  const errors = held.error ? `; resolution errors: [${held.error}]` : "";
  const who = `user ${JSON.stringify(user.username)} (groups=${quoteList(user.groups)})`;
  throw refused(request, `${who} is attempting to grant RBAC permissions not currently held:\n${list}${errors}`);
}
