// Asks the server what it serves, once in ten minutes: the answer is kept in a file per server. A word that the kept answer does not
// know makes it ask again, so that new kinds work at once.

import { join } from "node:path";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { dataDirectory } from "./kubeconfig-path.ts";
import { findType, suggestType, typeOfKind, typesInCategory, type ResourceType } from "./resource-type.ts";
import type { Server } from "./server.ts";

const KEPT_MS = 600_000;
/** Raised when the kept form changes. */
const FORMAT = 1;

interface Kept {
  readonly format: number;
  readonly atMs: number;
  readonly types: readonly ResourceType[];
}

export class Discovery {
  readonly #io: CommandIo;
  readonly #server: Server;
  #types: Promise<readonly ResourceType[]> | undefined;
  #isFresh = false;

  constructor(io: CommandIo, server: Server) {
    this.#io = io;
    this.#server = server;
  }

  /** All types, in the server's order of preference. */
  async all(): Promise<readonly ResourceType[]> {
    this.#types ??= this.#readKept().then((kept) => kept ?? this.#ask());
    return this.#types;
  }

  /** All types, as the server has them now. */
  async fresh(): Promise<readonly ResourceType[]> {
    if (!this.#isFresh) this.#types = this.#ask();
    return this.all();
  }

  /** The type that a word stands for. Throws CommandError, with the name that was probably meant. */
  async find(word: string): Promise<ResourceType> {
    const found = await this.#lookUp((types) => findType(types, word));
    if (found) return found;
    throw new CommandError(await this.#describeUnknown(word));
  }

  /** The types of a category; undefined where there is no such category. */
  async findCategory(word: string): Promise<readonly ResourceType[] | undefined> {
    const found = typesInCategory(await this.all(), word);
    return found.length > 0 ? found : undefined;
  }

  /** The type of an object; undefined where the server has none such. */
  ofKind(object: { readonly apiVersion: string; readonly kind: string }): Promise<ResourceType | undefined> {
    return this.#lookUp((types) => typeOfKind(types, object));
  }

  async #lookUp(search: (types: readonly ResourceType[]) => ResourceType | undefined) {
    return search(await this.all()) ?? (this.#isFresh ? undefined : search(await this.fresh()));
  }

  async #describeUnknown(word: string): Promise<string> {
    const suggestion = suggestType(await this.all(), word);
    const [name, ...group] = word.split(".");
    const inGroup = group.length > 0 ? ` in group ${JSON.stringify(group.join("."))}` : "";
    const what = `the server doesn't have a resource type ${JSON.stringify(name)}${inGroup}`;
    return suggestion ? `${what}; did you mean "${suggestion}"?` : what;
  }

  async #readKept(): Promise<readonly ResourceType[] | undefined> {
    const { files, clock } = this.#io;
    try {
      const kept = JSON.parse(await files.read(this.#path())) as Kept;
      const ageMs = clock.now() - kept.atMs;
      return kept.format === FORMAT && ageMs >= 0 && ageMs < KEPT_MS ? kept.types : undefined;
    } catch {
      // Nothing kept, or nothing legible: the server knows better anyway.
      return undefined;
    }
  }

  async #ask(): Promise<readonly ResourceType[]> {
    this.#isFresh = true;
    const types = (await Promise.all(["/api", "/apis"].map((path) => askTypes(this.#server, path)))).flat();
    const kept: Kept = { format: FORMAT, atMs: this.#io.clock.now(), types };
    // Where nothing can be kept (a full disk, a foreign folder), every command asks: slower, and still right.
    await this.#io.files.write(this.#path(), JSON.stringify(kept)).catch(() => undefined);
    return types;
  }

  #path(): string {
    const server = this.#server.url.replace(/^https:\/\//, "").replace(/[^A-Za-z0-9.-]/g, "_");
    return join(dataDirectory(this.#io), "cache/discovery", `${server}.json`);
  }
}

const ACCEPT = ["v2", "v2beta1"]
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(",");

interface GroupDiscoveryList {
  readonly kind: string;
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly { readonly version: string; readonly resources?: readonly DiscoveredType[] }[];
  }[];
}

interface DiscoveredType {
  readonly resource: string;
  readonly responseKind?: { readonly kind?: string };
  readonly scope?: string;
  readonly singularResource?: string;
  readonly verbs?: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly { readonly subresource: string }[];
}

async function askTypes(server: Server, path: string): Promise<ResourceType[]> {
  const answer = (await server.call({ method: "GET", path, headers: { accept: ACCEPT } })) as GroupDiscoveryList;
  if (answer.kind !== "APIGroupDiscoveryList") {
    throw new CommandError("The server has no aggregated discovery: kctl needs Kubernetes 1.27 or later.");
  }
  return (answer.items ?? []).flatMap(({ metadata, versions = [] }) =>
    versions.flatMap(({ version, resources = [] }) =>
      resources.map((type) => readType(type, { group: metadata?.name ?? "", version })),
    ),
  );
}

const readType = (type: DiscoveredType, place: { readonly group: string; readonly version: string }): ResourceType => ({
  ...place,
  kind: type.responseKind?.kind ?? "",
  plural: type.resource,
  singular: type.singularResource ?? "",
  namespaced: type.scope === "Namespaced",
  verbs: type.verbs ?? [],
  shortNames: type.shortNames ?? [],
  categories: type.categories ?? [],
  subresources: (type.subresources ?? []).map(({ subresource }) => subresource),
});
