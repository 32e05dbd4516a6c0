// What a cluster role that is made of others may do: the rules of those that its selectors find.

import type { ClusterRole } from "../../api/rbac/cluster-role.ts";
import type { PolicyRule } from "../../api/rbac/role.ts";
import { matchesSelector, selectorOf } from "../../api/meta/selector.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";

/** Each rule once, selector by selector, those of one selector by the names of their roles. Undefined where they are there already. */
export function planRules(role: ClusterRole, all: readonly ClusterRole[]): readonly PolicyRule[] | undefined {
  const others = all.filter(({ metadata }) => metadata.name !== role.metadata.name);
  const sorted = others.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const rules: PolicyRule[] = [];
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const selected = sorted.filter(({ metadata }) => matchesSelector(selectorOf(selector), metadata.labels));
    for (const rule of selected.flatMap((each) => each.rules ?? [])) {
      if (!rules.some((known) => semanticEqual(known, rule))) rules.push(rule);
    }
  }
  return semanticEqual(rules, role.rules ?? []) ? undefined : rules;
}
