// The kinds that a server serves, as its discovery describes them, and how what users type is matched with them.

import { closestName } from "./closest-name.ts";

export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** As in the URL. */
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly string[];
}

/** `deployments.apps`, or `pods` for the core group: what messages call a kind. */
export const qualifiedPlural = ({ plural, group }: Pick<ResourceType, "plural" | "group">): string =>
  group ? `${plural}.${group}` : plural;

/** `deployment.apps/web`: what messages and `-o name` call an object. */
export const qualifiedName = ({ singular, kind, group }: ResourceType, name: string): string =>
  `${singular || kind.toLowerCase()}${group ? `.${group}` : ""}/${name}`;

/**
 * The type that a word such as `po`, `deployments`, `Deployment`, `deploy.apps` or `deployments.v1.apps` stands for. Types come
 * in the server's order of preference, and the first that fits is taken.
 */
export function findType(types: readonly ResourceType[], word: string): ResourceType | undefined {
  const [name = "", ...qualifiers] = word.toLowerCase().split(".");
  const [version = "", ...rest] = qualifiers;
  const group = qualifiers.join(".");
  const fits = [
    (type: ResourceType) => isNamed(type, word.toLowerCase()),
    ...(qualifiers.length > 0
      ? [
          (type: ResourceType) => isNamed(type, name) && type.version === version && type.group === rest.join("."),
          (type: ResourceType) => isNamed(type, name) && (type.group === group || type.group.startsWith(`${group}.`)),
        ]
      : []),
    ...(qualifiers.length > 0 ? [] : [(type: ResourceType) => type.shortNames.includes(name)]),
    ...(qualifiers.length > 0 ? [(type: ResourceType) => type.shortNames.includes(name) && type.group === group] : []),
  ];
  for (const fit of fits) {
    const found = types.find(fit);
    if (found) return found;
  }
  return undefined;
}

const isNamed = ({ plural, singular, kind }: ResourceType, name: string) =>
  plural === name || singular === name || kind.toLowerCase() === name;

/** The type of objects with this apiVersion and kind. */
export function typeOfKind(
  types: readonly ResourceType[],
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): ResourceType | undefined {
  return types.find((type) => type.kind === kind && apiVersionOfType(type) === apiVersion);
}

export const apiVersionOfType = ({ group, version }: Pick<ResourceType, "group" | "version">): string =>
  group ? `${group}/${version}` : version;

/** The types of a category such as `all`, without older versions of the same. */
export function typesInCategory(types: readonly ResourceType[], category: string): ResourceType[] {
  const seen = new Set<string>();
  return types.filter((type) => {
    if (!type.categories.includes(category) || seen.has(qualifiedPlural(type))) return false;
    seen.add(qualifiedPlural(type));
    return true;
  });
}

/** What a word that no type fits probably meant. */
export function suggestType(types: readonly ResourceType[], word: string): string | undefined {
  return closestName(
    word,
    types.flatMap((type) => [type.plural, type.singular, qualifiedPlural(type), ...type.shortNames]),
  );
}

/** The path of the collection, or of the object where a name is given. Requests carry decoded paths. */
export function pathOfType(
  { group, version, plural, namespaced }: ResourceType,
  target: { readonly namespace?: string; readonly name?: string; readonly subresource?: string } = {},
): string {
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const namespace = namespaced && target.namespace ? `/namespaces/${target.namespace}` : "";
  const name = target.name ? `/${target.name}` : "";
  return `${root}${namespace}/${plural}${name}${target.subresource ? `/${target.subresource}` : ""}`;
}
