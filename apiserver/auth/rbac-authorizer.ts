// Decides by the roles and bindings in the cluster: whatever some role that the user has been given allows, is allowed, and
// nothing else. The bindings are indexed by subject, anew when one of them has changed, so that a decision looks only at
// those that concern the user.

import { clusterRoleBindings } from "../../api/rbac/cluster-role-binding.ts";
import { clusterRoles } from "../../api/rbac/cluster-role.ts";
import { roleBindings, type RoleBinding, type Subject } from "../../api/rbac/role-binding.ts";
import { roles, type PolicyRule, type Role } from "../../api/rbac/role.ts";
import type { UserInfo } from "../../lib/http.ts";
import type { Authorizer, Decision } from "../authorizer.ts";
import { omit } from "../omit.ts";
import { objectOf } from "../registry/view.ts";
import { storageKey, type ResourceTable, type ServedResource } from "../served-resource.ts";
import { groupKey, ruleAllows, subjectKey, userKey } from "./rule-matching.ts";

/** A binding that gives somebody its role. Cluster role bindings look the same, without a namespace. */
interface Grant {
  readonly binding: RoleBinding;
  readonly subject: Subject;
}

/** Some rules, and the grant that they come from; `missing` says what the grant refers to in vain. */
type Granted = { readonly grant: Grant; readonly rules: readonly PolicyRule[] } | { readonly missing: string };

export function createRbacAuthorizer(resources: ResourceTable): Authorizer {
  const grants = new Grants(resources);
  return {
    authorize(attributes): Decision {
      const problems: string[] = [];
      for (const granted of grants.of(attributes.user, attributes.namespace ?? "")) {
        if ("missing" in granted) problems.push(granted.missing);
        else if (granted.rules.some((rule) => ruleAllows(rule, attributes)))
          return { verdict: "allow", reason: `RBAC: allowed by ${describe(granted.grant)}` };
      }
      return { verdict: "none", ...(problems.length > 0 && { reason: `RBAC: ${joinProblems(problems)}` }) };
    },
    rulesFor(user, namespace) {
      const all = [...grants.of(user, namespace)];
      const rules = all.flatMap((granted) => ("rules" in granted ? granted.rules : []));
      const problems = all.flatMap((granted) => ("missing" in granted ? granted.missing : []));
      return {
        resourceRules: rules
          .filter(({ resources = [] }) => resources.length > 0)
          .map((rule) => omit(rule, "nonResourceURLs")),
        nonResourceRules: rules
          .filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0)
          .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
        ...(problems.length > 0 && { error: joinProblems(problems) }),
      };
    },
  };
}

const joinProblems = (problems: readonly string[]) =>
  problems.length === 1 ? (problems[0] ?? "") : `[${[...new Set(problems)].join(", ")}]`;

/** As Kubernetes says it, with the name before the namespace. */
function describe({ binding, subject }: Grant): string {
  const { name, namespace } = binding.metadata;
  const where = namespace ? `RoleBinding ${quote(`${name}/${namespace}`)}` : `ClusterRoleBinding ${quote(name)}`;
  const who = subject.kind === "ServiceAccount" ? `${subject.name}/${subject.namespace || namespace}` : subject.name;
  return `${where} of ${binding.roleRef.kind} ${quote(binding.roleRef.name)} to ${subject.kind} ${quote(who)}`;
}

const quote = (text: string) => JSON.stringify(text);

class Grants {
  readonly #roles: ServedResource;
  readonly #clusterRoles: ServedResource;
  readonly #namespaced: SubjectIndex;
  readonly #clusterWide: SubjectIndex;

  constructor(resources: ResourceTable) {
    this.#roles = resources.require(roles);
    this.#clusterRoles = resources.require(clusterRoles);
    this.#namespaced = new SubjectIndex(resources.require(roleBindings));
    this.#clusterWide = new SubjectIndex(resources.require(clusterRoleBindings));
  }

  /** What the user has been given: everywhere, and in the namespace where there is one. */
  *of({ username, groups }: UserInfo, namespace: string): Generator<Granted> {
    const keys = [userKey(username), ...groups.map(groupKey)];
    for (const key of keys) for (const grant of this.#clusterWide.find("", key)) yield this.#resolve(grant);
    if (!namespace) return;
    for (const key of keys) for (const grant of this.#namespaced.find(namespace, key)) yield this.#resolve(grant);
  }

  #resolve(grant: Grant): Granted {
    const { roleRef, metadata } = grant.binding;
    const { kind, name } = roleRef;
    const isRole = kind === "Role";
    const served = isRole ? this.#roles : this.#clusterRoles;
    const key = isRole ? { namespace: metadata.namespace, name } : { name };
    const entry = kind === "Role" || kind === "ClusterRole" ? served.cache.get(storageKey(served, key)) : undefined;
    if (!entry) return { missing: `${kind.toLowerCase()}.${roleRef.apiGroup} ${quote(name)} not found` };
    return { grant, rules: objectOf<Role>(entry).rules ?? [] };
  }
}

/** The bindings of one kind, by namespace and subject. */
class SubjectIndex {
  readonly #served: ServedResource;
  #grants = new Map<string, Grant[]>();
  #changes = -1;

  constructor(served: ServedResource) {
    this.#served = served;
  }

  find(namespace: string, subject: string): readonly Grant[] {
    const { cache } = this.#served;
    if (this.#changes !== cache.changes) this.#rebuild();
    return this.#grants.get(`${namespace} ${subject}`) ?? [];
  }

  #rebuild(): void {
    const { cache, prefix } = this.#served;
    this.#changes = cache.changes;
    this.#grants = new Map();
    for (const entry of cache.walk(prefix)) {
      const binding = objectOf<RoleBinding>(entry);
      for (const subject of binding.subjects ?? []) this.#add({ binding, subject });
    }
  }

  #add(grant: Grant): void {
    const { namespace = "" } = grant.binding.metadata;
    const who = subjectKey(grant.subject, namespace);
    if (who === undefined) return;
    const key = `${namespace} ${who}`;
    const known = this.#grants.get(key);
    if (known) known.push(grant);
    else this.#grants.set(key, [grant]);
  }
}
