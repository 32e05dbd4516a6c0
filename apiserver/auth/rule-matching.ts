// Whether a rule of a role allows a request, and whom a binding gives its role: the meaning of Kubernetes' roles. Pure.

import { accountUserName } from "../../api/core/service-account-secret.ts";
import type { PolicyRule } from "../../api/rbac/role.ts";
import type { Subject } from "../../api/rbac/role-binding.ts";
import type { Attributes } from "../authorizer.ts";

const ALL = "*";

const includes = (allowed: readonly string[] | undefined, wanted: string): boolean =>
  allowed?.some((each) => each === ALL || each === wanted) ?? false;

export function ruleAllows(rule: PolicyRule, { verb, path, resource, subresource, name = "" }: Attributes): boolean {
  if (!includes(rule.verbs, verb)) return false;
  if (!resource) return rule.nonResourceURLs?.some((url) => urlMatches(url, path)) ?? false;
  return (
    includes(rule.apiGroups, resource.group) &&
    (rule.resources?.some((each) => resourceMatches(each, resource.plural, subresource)) ?? false) &&
    nameMatches(rule, name)
  );
}

function resourceMatches(allowed: string, plural: string, subresource = ""): boolean {
  if (allowed === ALL) return true;
  if (subresource === "") return allowed === plural;
  return allowed === `${plural}/${subresource}` || allowed === `${ALL}/${subresource}`;
}

const nameMatches = ({ resourceNames = [] }: PolicyRule, name: string): boolean =>
  resourceNames.length === 0 || resourceNames.includes(name);

const urlMatches = (allowed: string, path: string): boolean =>
  allowed === ALL || allowed === path || (allowed.endsWith(ALL) && path.startsWith(allowed.slice(0, -1)));

/** Who is meant, in one word: users and groups are looked up by it. Undefined for subjects that are nobody. */
export function subjectKey({ kind, name, namespace }: Subject, bindingNamespace = ""): string | undefined {
  switch (kind) {
    case "User":
      return userKey(name);
    case "Group":
      return groupKey(name);
    case "ServiceAccount": {
      const home = namespace || bindingNamespace;
      return home ? userKey(accountUserName(home, name)) : undefined;
    }
    default:
      return undefined;
  }
}

export const userKey = (name: string) => `user ${name}`;
export const groupKey = (name: string) => `group ${name}`;
