// What can be done with a kind over HTTP, as data: both OpenAPI documents are rendered from these lists.

import { scale } from "../../api/autoscaling/scale.ts";
import { tokenRequest, tokenRequestKind } from "../../api/authentication/token-request.ts";
import { binding } from "../../api/core/binding.ts";
import {
  acceptanceKind,
  frameworkRevival,
  offerAcceptance,
  offerRefusal,
  refusalKind,
  revivalKind,
} from "../../api/kctl-scheduling/offer-answer.ts";
import { type ResourceDefinition, resourcePath, type Subresource, type Verb } from "../../api/resource.ts";
import type { ObjectShape } from "../../api/schema/schema.ts";
import { ALL_VERBS } from "../served-resource.ts";
import { deleteOptions, eviction, patch, status } from "./meta-types.ts";

export interface Operation {
  /** Such as `/api/v1/namespaces/{namespace}/pods/{name}`. */
  readonly path: string;
  readonly method: "get" | "put" | "post" | "patch" | "delete";
  /** The verb in Kubernetes' extension `x-kubernetes-action`. */
  readonly action: Verb | "post" | "put" | "connect";
  readonly id: string;
  readonly tag: string;
  readonly kind: GroupVersionKind;
  /** The name of the body's type; none for requests without a body. */
  readonly body?: string;
  /** The name of the answer's type; text unless given. */
  readonly answer?: string;
  readonly parameters: readonly Parameter[];
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: "query" | "path";
  readonly type: "string" | "integer" | "boolean";
  readonly description: string;
}

const query = (name: string, type: Parameter["type"], description: string): Parameter => ({
  name,
  in: "query",
  type,
  description,
});

const NAMESPACE: Parameter = {
  name: "namespace",
  in: "path",
  type: "string",
  description: "The namespace of the object.",
};
const NAME: Parameter = { name: "name", in: "path", type: "string", description: "The name of the object." };
const SELECTION = [
  query("fieldSelector", "string", "Selects objects by the values of fields."),
  query("labelSelector", "string", "Selects objects by their labels."),
  query("limit", "integer", "At most this many items; the answer tells how to get the next."),
  query("continue", "string", "The token that the previous page gave."),
  query("resourceVersion", "string", "The version that the data must have, or be newer than."),
  query("resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan."),
  query("timeoutSeconds", "integer", "How long the request may take."),
];
const LISTING = [
  ...SELECTION,
  query("watch", "boolean", "Reports changes as they happen instead of listing."),
  query("allowWatchBookmarks", "boolean", "Allows events that tell nothing but the version reached."),
  query("sendInitialEvents", "boolean", "Starts the watch with an event for each object there is."),
];
const DRY_RUN = query("dryRun", "string", "With All, everything is checked and nothing stored.");
const WRITING = [
  DRY_RUN,
  query("fieldManager", "string", "Who makes the change."),
  query("fieldValidation", "string", "What becomes of unknown and duplicate fields: Ignore, Warn or Strict."),
];
const FORCE = query("force", "boolean", "Takes fields over from other managers; for apply patches only.");
const DELETING = [
  DRY_RUN,
  query("gracePeriodSeconds", "integer", "How many seconds the object may take to stop."),
  query("orphanDependents", "boolean", "Deprecated in favour of propagationPolicy."),
  query("propagationPolicy", "string", "What becomes of dependents: Orphan, Background or Foreground."),
];
const PRETTY = query("pretty", "boolean", "Indents the answer.");

/** The name of the type that a list of the kind has. */
export const listNameOf = ({ schema }: ResourceDefinition): string => `${schema.name}List`;

/** All operations on a kind, its subresources included. */
export function listOperations(resource: ResourceDefinition): readonly Operation[] {
  const { verbs = ALL_VERBS } = resource;
  const served = new Set<string>(verbs);
  return [...collectionOperations(resource), ...objectOperations(resource)]
    .filter(({ verb }) => served.has(verb))
    .map(({ operation }) => operation)
    .concat((resource.subresources ?? []).flatMap((name) => subresourceOperations(resource, name)));
}

interface Served {
  readonly verb: Verb;
  readonly operation: Operation;
}

function collectionOperations(resource: ResourceDefinition): readonly Served[] {
  const own = resource.schema.name;
  const at = placeOf(resource, {});
  const make = (verb: Verb, rest: Part): Served => ({ verb, operation: at(verb, rest) });
  const isNamespaced = resource.scope === "Namespaced";
  const everywhere: Operation = {
    ...at("list", { method: "get", action: "list", answer: listNameOf(resource), parameters: LISTING }),
    path: resourcePath(resource),
    id: `list${groupOf(resource)}${resource.kind}ForAllNamespaces`,
  };
  return [
    ...(isNamespaced ? [{ verb: "list" as const, operation: withoutNamespace(everywhere) }] : []),
    make("list", { method: "get", action: "list", answer: listNameOf(resource), parameters: LISTING }),
    make("create", { method: "post", action: "post", body: own, answer: own, parameters: WRITING }),
    make("deletecollection", {
      method: "delete",
      action: "deletecollection",
      body: deleteOptions.name,
      answer: status.name,
      parameters: [...SELECTION, ...DELETING],
    }),
  ];
}

const withoutNamespace = (operation: Operation): Operation => ({
  ...operation,
  parameters: operation.parameters.filter((parameter) => parameter !== NAMESPACE),
});

function objectOperations(resource: ResourceDefinition): readonly Served[] {
  const own = resource.schema.name;
  const at = placeOf(resource, { name: true });
  const make = (verb: Verb, rest: Part): Served => ({ verb, operation: at(verb, rest) });
  return [
    make("get", { method: "get", action: "get", answer: own, parameters: [] }),
    make("update", { method: "put", action: "put", body: own, answer: own, parameters: WRITING }),
    make("patch", { method: "patch", action: "patch", body: patch.name, answer: own, parameters: [...WRITING, FORCE] }),
    make("delete", {
      method: "delete",
      action: "delete",
      body: deleteOptions.name,
      answer: status.name,
      parameters: DELETING,
    }),
  ];
}

type Part = Pick<Operation, "method" | "action" | "body" | "answer" | "parameters">;

/** Builds operations at one path. */
function placeOf(resource: ResourceDefinition, { name, subresource }: { name?: boolean; subresource?: Subresource }) {
  const isNamespaced = resource.scope === "Namespaced";
  const namespace = isNamespaced ? "/namespaces/{namespace}" : "";
  const root = resourcePath(resource).slice(0, -resource.plural.length - 1);
  const path = `${root}${namespace}/${resource.plural}${name ? "/{name}" : ""}${subresource ? `/${subresource}` : ""}`;
  const { group, version, kind } = resource;
  const suffix = `${groupOf(resource)}${isNamespaced ? "Namespaced" : ""}${kind}${capitalize(subresource ?? "")}`;
  const places = [PRETTY, ...(isNamespaced ? [NAMESPACE] : []), ...(name ? [NAME] : [])];
  return (verb: string, part: Part): Operation => ({
    path,
    id: `${ID_VERBS[verb] ?? verb}${suffix}`,
    tag: tagOf(resource),
    kind: { group, version, kind },
    ...part,
    parameters: [...part.parameters, ...places],
  });
}

const ID_VERBS: Readonly<Record<string, string>> = {
  get: "read",
  update: "replace",
  deletecollection: "deletecollection",
};

/** `AppsV1`, `CoreV1`. */
const groupOf = ({ group, version }: ResourceDefinition): string =>
  capitalize((group || "core").split(".")[0] ?? "") + capitalize(version);

const tagOf = ({ group, version }: ResourceDefinition): string => `${(group || "core").split(".")[0]}_${version}`;

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const CREATED: Readonly<Partial<Record<Subresource, { readonly type: ObjectShape; readonly kind: GroupVersionKind }>>> =
  {
    binding: { type: binding, kind: { group: "", version: "v1", kind: "Binding" } },
    token: { type: tokenRequest, kind: tokenRequestKind },
    accept: { type: offerAcceptance, kind: acceptanceKind },
    decline: { type: offerRefusal, kind: refusalKind },
    revive: { type: frameworkRevival, kind: revivalKind },
    eviction: { type: eviction, kind: { group: "policy", version: "v1", kind: "Eviction" } },
  };
const SCALE_KIND: GroupVersionKind = { group: "autoscaling", version: "v1", kind: "Scale" };
const CONNECTED: ReadonlySet<Subresource> = new Set(["log", "exec", "attach", "portforward", "proxy"]);

/** The types that subresources take and give besides the kinds themselves. */
export const subresourceTypes: readonly { readonly type: ObjectShape; readonly kind: GroupVersionKind }[] = [
  { type: scale, kind: SCALE_KIND },
  ...Object.values(CREATED),
];

function subresourceOperations(resource: ResourceDefinition, subresource: Subresource): readonly Operation[] {
  const at = placeOf(resource, { name: true, subresource });
  if (CONNECTED.has(subresource)) {
    return [at(subresource === "log" ? "get" : "connectGet", { method: "get", action: "connect", parameters: [] })];
  }
  const created = CREATED[subresource];
  if (created) {
    const { type, kind } = created;
    const part: Part = { method: "post", action: "post", body: type.name, answer: type.name, parameters: WRITING };
    return [{ ...at("create", part), kind }];
  }
  const type = subresource === "scale" ? scale.name : resource.schema.name;
  const read = at("get", { method: "get", action: "get", answer: type, parameters: [] });
  const replaced = at("update", { method: "put", action: "put", body: type, answer: type, parameters: WRITING });
  const patched = at("patch", {
    method: "patch",
    action: "patch",
    body: patch.name,
    answer: type,
    parameters: [...WRITING, FORCE],
  });
  if (subresource === "finalize") return [replaced];
  return subresource === "scale"
    ? [read, replaced, patched].map((operation) => ({ ...operation, kind: SCALE_KIND }))
    : [read, replaced, patched];
}
