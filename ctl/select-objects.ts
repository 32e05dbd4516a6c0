// The objects that a command works on, fetched: those that its arguments name, those of its manifests, or those that a selector
// picks. One that cannot be found keeps no other from being worked on.

import type { AnyList, AnyObject } from "./any-object.ts";
import { CommandError } from "./command-error.ts";
import { onOff, text } from "./flags.ts";
import { manifestFlags, readManifests, type Manifest, type ManifestChoice } from "./manifests.ts";
import { parseResourceArguments } from "./resource-arguments.ts";
import { pathOfType, qualifiedName, type ResourceType } from "./resource-type.ts";
import type { Session } from "./session.ts";

/** Flags of commands that work on selected objects. */
export const selectionFlags = {
  ...manifestFlags,
  selector: text("The labels that objects must have, such as app=web,tier!=db.", { short: "l" }),
  "field-selector": text("The fields that objects must have, such as status.phase=Running."),
  "all-namespaces": onOff("All namespaces.", { short: "A" }),
  all: onOff("All objects of the types."),
};

export interface Selection extends Partial<ManifestChoice> {
  readonly args: readonly string[];
  readonly selector?: string;
  readonly "field-selector"?: string;
  readonly "all-namespaces"?: boolean;
  readonly all?: boolean;
}

/** An object that a command line names: enough to send requests about it. */
export interface Target {
  readonly type: ResourceType;
  readonly name: string;
  /** Undefined for cluster-scoped objects. */
  readonly namespace: string | undefined;
  /** The manifest that names it, where one does. */
  readonly manifest?: Manifest;
}

export interface SelectedObject extends Target {
  /** As the server has it. */
  readonly object: AnyObject;
}

export interface Selected {
  readonly objects: readonly SelectedObject[];
  /** What was named and could not be fetched. Throw them (`throwErrors`) after working on the rest. */
  readonly errors: readonly unknown[];
}

/** Fetches what the selection names. Throws CommandError where the selection itself makes no sense. */
export async function selectObjects(session: Session, selection: Selection): Promise<Selected> {
  const objects: SelectedObject[] = [];
  const errors: unknown[] = [];
  const attempt = async (fetch: () => Promise<readonly SelectedObject[]>) => {
    try {
      objects.push(...(await fetch()));
    } catch (error) {
      errors.push(error);
    }
  };
  for (const request of await planRequests(session, selection)) {
    const { name } = request;
    if (name === undefined) await attempt(() => listObjects(session, request, selection));
    else await attempt(async () => [{ ...request, name, object: await fetchObject(session, { ...request, name }) }]);
  }
  return { objects, errors };
}

/** Rejects with the errors collected, if there are any. */
export function throwErrors(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors);
}

export type Request = Omit<Target, "name"> & { readonly name?: string };

/** What to ask the server for: objects by name, and whole types. */
export async function planRequests(session: Session, selection: Selection): Promise<readonly Request[]> {
  const { args, filename = [], kustomize = [] } = selection;
  if (filename.length + kustomize.length > 0) {
    if (args.length > 0) {
      throw new CommandError(
        "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well",
      );
    }
    return planManifestTargets(session, { ...selection, filename });
  }
  const requests = await parseResourceArguments(await session.discovery(), args);
  if (requests.some(({ name }) => name !== undefined)) checkNames(selection);
  const namespace = selection["all-namespaces"] ? undefined : await session.namespace();
  return requests.map(({ type, name }) => ({ type, name, namespace: type.namespaced ? namespace : undefined }));
}

function checkNames(selection: Selection): void {
  if (selection["all-namespaces"])
    throw new CommandError("a resource cannot be retrieved by name across all namespaces");
  if (selection.selector || selection["field-selector"]) {
    throw new CommandError("name cannot be provided when a selector is specified");
  }
  if (selection.all) throw new CommandError("setting 'all' parameter but found a non empty selector. ");
}

/** The targets that manifests name, in their order. */
export async function planManifestTargets(session: Session, choice: ManifestChoice): Promise<readonly Target[]> {
  const targets: Target[] = [];
  for (const manifest of await readManifests(session.io, choice)) targets.push(await targetOf(session, manifest));
  return targets;
}

/** Throws CommandError where the server does not serve the manifest's kind, or its namespace is not the one asked for. */
export async function targetOf(session: Session, manifest: Manifest): Promise<Target> {
  const { object, source } = manifest;
  const discovery = await session.discovery();
  const type = await discovery.ofKind(object);
  const name = object.metadata.name ?? "";
  if (!type) throw await unknownKind(manifest, await discovery.all());
  if (!type.namespaced) return { type, name, namespace: undefined, manifest };
  const wanted = session.globals.namespace;
  const given = object.metadata.namespace;
  if (wanted && given && wanted !== given) {
    throw new CommandError(
      `the namespace from the provided object ${JSON.stringify(given)} does not match the namespace ${JSON.stringify(wanted)}. You must pass '--namespace=${given}' to perform this operation.`,
    );
  }
  return { type, name, namespace: given || (await session.namespace()), manifest: { object, source } };
}

async function unknownKind({ object, source }: Manifest, types: readonly ResourceType[]): Promise<CommandError> {
  const { apiVersion, kind, metadata } = object;
  const { closestName } = await import("./closest-name.ts");
  const { apiVersionOfType } = await import("./resource-type.ts");
  const sameKind = types.find((type) => type.kind === kind);
  const nearest = closestName(kind, new Set(types.map((type) => type.kind)));
  const hint = sameKind
    ? `; did you mean apiVersion "${apiVersionOfType(sameKind)}"?`
    : nearest
      ? `; did you mean kind "${nearest}"?`
      : "";
  return new CommandError(
    `resource mapping not found for name: ${JSON.stringify(metadata.name ?? "")} namespace: ${JSON.stringify(metadata.namespace ?? "")} from ${JSON.stringify(source)}: no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}${hint}\nensure CRDs are installed first`,
  );
}

/** GET of one object. */
export async function fetchObject(session: Session, target: Target): Promise<AnyObject> {
  const server = await session.server();
  return (await server.call({ method: "GET", path: pathOfType(target.type, target) })) as AnyObject;
}

const PAGE_SIZE = 500;

/** All objects of a type that the selectors pick, page by page. */
export async function listObjects(
  session: Session,
  request: Omit<Request, "name">,
  selection: Selection,
): Promise<readonly SelectedObject[]> {
  const server = await session.server();
  const path = pathOfType(request.type, { namespace: request.namespace });
  const found: SelectedObject[] = [];
  for (let next: string | undefined; ;) {
    const query = {
      labelSelector: selection.selector,
      fieldSelector: selection["field-selector"],
      limit: PAGE_SIZE,
      continue: next,
    };
    const page = (await server.call({ method: "GET", path, query })) as AnyList;
    for (const item of page.items ?? []) found.push(selectedOf(request.type, item, page));
    next = page.metadata?.continue;
    if (!next) return found;
  }
}

/** kube-apiserver leaves apiVersion and kind out of a list's items. */
function selectedOf(type: ResourceType, item: AnyObject, page: AnyList): SelectedObject {
  const object = { ...item, apiVersion: item.apiVersion ?? page.apiVersion, kind: item.kind ?? type.kind };
  return { type, name: object.metadata.name ?? "", namespace: object.metadata.namespace, object };
}

/** `deployment.apps/web`: how messages begin. */
export const describeTarget = ({ type, name }: Pick<Target, "type" | "name">): string => qualifiedName(type, name);
