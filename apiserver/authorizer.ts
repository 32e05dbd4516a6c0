// Whether a user may do what a request asks for: the seam between the requests and whatever decides about them.

import type { NonResourceRule, ResourceRule } from "../api/authorization/self-subject-rules-review.ts";
import type { FieldSelector } from "../api/meta/selector.ts";
import { StatusError } from "../api/meta/status.ts";
import type { UserInfo } from "../lib/http.ts";

export interface Attributes {
  readonly user: UserInfo;
  /** Kubernetes' verb for resources, the method in lower case for other paths. */
  readonly verb: string;
  readonly path: string;
  /** Absent for paths that are no resource's. */
  readonly resource?: { readonly group: string; readonly version: string; readonly plural: string };
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Of lists, watches and deletions of collections: what limits them. */
  readonly fieldSelector?: FieldSelector;
}

/** `none`: nothing speaks for it or against it, which is not enough. */
export interface Decision {
  readonly verdict: "allow" | "deny" | "none";
  /** Why, for people. */
  readonly reason?: string;
}

/** What somebody may do, for showing it. */
export interface Rules {
  readonly resourceRules: readonly ResourceRule[];
  readonly nonResourceRules: readonly NonResourceRule[];
  /** What went wrong while they were gathered. */
  readonly error?: string;
}

/** Decisions are synchronous: they rest on what is in the caches. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision;
  rulesFor(user: UserInfo, namespace: string): Rules;
}

const EVERYTHING: Rules = {
  resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }],
  nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
};
const NOTHING: Rules = { resourceRules: [], nonResourceRules: [] };

/** Whoever is known may do everything. */
export const allowAuthenticated: Authorizer = {
  authorize: () => ({ verdict: "allow" }),
  rulesFor: () => EVERYTHING,
};

/** Nobody may do anything. */
export const denyAll: Authorizer = {
  authorize: () => ({ verdict: "none", reason: "Everything is forbidden." }),
  rulesFor: () => NOTHING,
};

/** Members of the group may do everything, whatever the roles say: the way in when the roles are wrong. */
export const allowMasters: Authorizer = {
  authorize: ({ user }) => ({ verdict: isMaster(user) ? "allow" : "none" }),
  rulesFor: (user) => (isMaster(user) ? EVERYTHING : NOTHING),
};

const isMaster = ({ groups }: UserInfo) => groups.includes("system:masters");

/** The first that has an opinion decides. */
export function authorizersInTurn(authorizers: readonly Authorizer[]): Authorizer {
  return {
    authorize(attributes) {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const decision = authorizer.authorize(attributes);
        if (decision.verdict !== "none") return decision;
        if (decision.reason) reasons.push(decision.reason);
      }
      return { verdict: "none", reason: reasons.join("\n") };
    },
    rulesFor(user, namespace) {
      const all = authorizers.map((authorizer) => authorizer.rulesFor(user, namespace));
      const errors = all.flatMap(({ error }) => error ?? []);
      return {
        resourceRules: all.flatMap(({ resourceRules }) => resourceRules),
        nonResourceRules: all.flatMap(({ nonResourceRules }) => nonResourceRules),
        ...(errors.length > 0 && { error: errors.join(", ") }),
      };
    },
  };
}

/** What is answered to a request that is not allowed. */
export function forbiddenRequest(attributes: Attributes, reason?: string): StatusError {
  const { resource, name = "" } = attributes;
  const text = escapeMarkup(describe(attributes)) + (reason ? `: ${reason}` : "");
  if (!resource) return new StatusError("Forbidden", `forbidden: ${text}`, { details: {} });
  const { group, plural } = resource;
  const qualified = group ? `${plural}.${group}` : plural;
  const subject = name ? `${qualified} ${JSON.stringify(name)}` : qualified;
  const details = { ...(name && { name }), ...(group && { group }), kind: plural };
  return new StatusError("Forbidden", `${subject} is forbidden: ${text}`, { details });
}

function describe({ user, verb, path, resource, subresource, namespace }: Attributes): string {
  const who = `User ${JSON.stringify(user.username)} cannot ${verb}`;
  if (!resource) return `${who} path ${JSON.stringify(path)}`;
  const what = subresource ? `${resource.plural}/${subresource}` : resource.plural;
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : "at the cluster scope";
  return `${who} resource ${JSON.stringify(what)} in API group ${JSON.stringify(resource.group)} ${where}`;
}

/** Browsers may show the message. */
const escapeMarkup = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
