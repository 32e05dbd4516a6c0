// Lists everything that decides where pods go, as far as the server has it and shows it to this user.

import type { ResourceDefinition } from "../../api/resource.ts";
import { isStatusError } from "../render-error.ts";
import type { ResourceType } from "../resource-type.ts";
import { listObjects } from "../select-objects.ts";
import type { Session } from "../session.ts";
import type { AnyObject } from "../any-object.ts";

export interface ClusterLists {
  readonly lists: Readonly<Record<string, readonly AnyObject[]>>;
  /** The plurals of what this user may not list. */
  readonly hidden: readonly string[];
}

/** Rejects where the pods or the nodes cannot be listed: nothing can be said without them. */
export async function listCluster(
  session: Session,
  kinds: Readonly<Record<string, Pick<ResourceDefinition, "group" | "version" | "kind" | "plural" | "scope">>>,
): Promise<ClusterLists> {
  const hidden: string[] = [];
  const entries = Object.entries(kinds).map(async ([name, kind]): Promise<[string, readonly AnyObject[]]> => {
    try {
      const found = await listObjects(session, { type: typeOf(kind), namespace: undefined }, { args: [] });
      return [name, found.map(({ object }) => ({ ...object, ...identityOf(kind) }))];
    } catch (error) {
      if (!isStatusError(error) || name === "pods" || name === "nodes") throw error;
      if (error.reason === "Forbidden") hidden.push(kind.plural);
      else if (error.reason !== "NotFound") throw error;
      return [name, []];
    }
  });
  return { lists: Object.fromEntries(await Promise.all(entries)), hidden };
}

/** The objects of a list do not say what they are. */
const identityOf = ({ group, version, kind }: Pick<ResourceDefinition, "group" | "version" | "kind">) => ({
  apiVersion: group ? `${group}/${version}` : version,
  kind,
});

const typeOf = ({
  group,
  version,
  kind,
  plural,
  scope,
}: Pick<ResourceDefinition, "group" | "version" | "kind" | "plural" | "scope">): ResourceType => ({
  group,
  version,
  kind,
  plural,
  singular: kind.toLowerCase(),
  namespaced: scope === "Namespaced",
  verbs: [],
  shortNames: [],
  categories: [],
  subresources: [],
});
