// Whether somebody who holds some rules holds all that others allow: nobody may give away more than that. Pure.

import type { PolicyRule } from "../../api/rbac/role.ts";
import type { Rules } from "../authorizer.ts";

const ALL = "*";

/** What is asked for and not held, as few rules as say it; empty where everything is held. */
export function findMissing(held: Rules, wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  const rules: readonly PolicyRule[] = [...held.resourceRules, ...held.nonResourceRules];
  return compact(wanted.flatMap(split).filter((part) => !rules.some((rule) => covers(rule, part))));
}

/** Rules about one verb of one thing each, which together say the same. */
function split({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule) {
  return verbs.flatMap((verb): PolicyRule[] => [
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        (resourceNames.length > 0 ? resourceNames : [undefined]).map((name) => ({
          verbs: [verb],
          apiGroups: [group],
          resources: [resource],
          ...(name !== undefined && { resourceNames: [name] }),
        })),
      ),
    ),
    ...nonResourceURLs.map((url) => ({ verbs: [verb], nonResourceURLs: [url] })),
  ]);
}

function covers(rule: PolicyRule, part: PolicyRule): boolean {
  if (!includesAll(rule.verbs, part.verbs)) return false;
  if (part.nonResourceURLs) return part.nonResourceURLs.every((url) => rule.nonResourceURLs?.some(coversUrl(url)));
  const { resourceNames = [] } = rule;
  const namesFit =
    resourceNames.length === 0 || (part.resourceNames?.every((name) => resourceNames.includes(name)) ?? false);
  return (
    includesAll(rule.apiGroups, part.apiGroups) &&
    (part.resources ?? []).every((resource) => rule.resources?.some(coversResource(resource))) &&
    namesFit
  );
}

const includesAll = (held: readonly string[] = [], wanted: readonly string[] = []) =>
  held.includes(ALL) || wanted.every((each) => held.includes(each));

const coversUrl = (wanted: string) => (held: string) =>
  held === wanted || (held.endsWith(ALL) && wanted.startsWith(held.slice(0, -1)));

const coversResource = (wanted: string) => (held: string) => {
  if (held === ALL || held === wanted) return true;
  const slash = wanted.indexOf("/");
  return slash >= 0 && held === `${ALL}${wanted.slice(slash)}`;
};

/** Parts that differ in their verbs alone become one rule. */
function compact(parts: readonly PolicyRule[]): readonly PolicyRule[] {
  const merged = new Map<string, PolicyRule>();
  for (const part of parts) {
    const key = part.nonResourceURLs ? JSON.stringify(part) : JSON.stringify({ ...part, verbs: [] });
    const known = merged.get(key);
    merged.set(key, known ? { ...part, verbs: [...new Set([...known.verbs, ...part.verbs])] } : part);
  }
  return [...merged.values()];
}

/** As Kubernetes prints a rule in its messages. */
export function renderRule({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: PolicyRule): string {
  const parts = Object.entries({
    APIGroups: apiGroups,
    Resources: resources,
    NonResourceURLs: nonResourceURLs,
    ResourceNames: resourceNames,
    Verbs: verbs,
  });
  const texts = parts.filter(([, list]) => list?.length).map(([name, list = []]) => `${name}:${quoteList(list)}`);
  return `{${texts.join(", ")}}`;
}

/** As Go prints a list of strings in quotes. */
export const quoteList = (texts: readonly string[]) => `[${texts.map((text) => JSON.stringify(text)).join(" ")}]`;
