// A short notation for the many roles that every cluster has: words in a text, separated by blanks.

import type { PolicyRule } from "../../../api/rbac/role.ts";

const words = (text: string): readonly string[] => text.split(" ");

/** `rule("get list", "core apps", "pods deployments")`; `core` stands for the group whose name is empty. */
export const rule = (verbs: string, groups: string, resources: string): PolicyRule => ({
  verbs: words(verbs),
  apiGroups: words(groups).map((group) => (group === "core" ? "" : group)),
  resources: words(resources),
});

/** The rule for objects of these names only. */
export const named = (names: string, given: PolicyRule): PolicyRule => ({ ...given, resourceNames: words(names) });

export const urlRule = (verbs: string, urls: string): PolicyRule => ({
  verbs: words(verbs),
  nonResourceURLs: words(urls),
});

export const READ = "get list watch";
export const CHANGE = "create delete deletecollection patch update";

/** Components report what they do. */
export const EVENTS = rule("create patch update", "core events.k8s.io", "events");

/** A name, and what may be done under it. */
export type NamedRules = readonly [name: string, ...rules: PolicyRule[]];
