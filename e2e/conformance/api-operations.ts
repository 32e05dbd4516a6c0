// What every "should support API operations" test asks of a kind: it is discovered, created, read, listed, watched, patched,
// updated, its status too, and deleted one by one and together.

import { expect } from "chai";
import { MERGE, type ApiClient, type Json, type KubeJson } from "./api-client.ts";

export interface Operations {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  /** None for what has no namespace. */
  readonly namespace?: string;
  /** Everything but its metadata. Called once for each object, so that what must differ can. */
  readonly build: (index: number) => Json & { readonly metadata?: Json };
  /** A status that its status subresource takes. */
  readonly status?: Json;
  /** Set where a write of the status takes no labels and annotations along. */
  readonly statusKeepsMetadata?: true;
  /** A change that the update makes, besides the annotation. */
  readonly change?: (object: KubeJson) => Json;
}

const LABEL = "conformance.example.com/test";

export const rootOf = (apiVersion: string) => (apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`);

const eventOf = ({ type, object }: { readonly type: string; readonly object: KubeJson }) => [
  type,
  object.metadata.name,
  Object.keys(object.metadata.annotations ?? {}).filter((key) => ["patched", "updated"].includes(key)),
];

export class OperationsTest {
  readonly #api: ApiClient;
  readonly #of: Operations;
  readonly #everywhere: string;
  readonly #here: string;
  readonly #selector: string;

  constructor(api: ApiClient, operations: Operations) {
    this.#api = api;
    this.#of = operations;
    const { apiVersion, plural, namespace } = operations;
    this.#everywhere = `${rootOf(apiVersion)}/${plural}`;
    this.#here = namespace === undefined ? this.#everywhere : `${rootOf(apiVersion)}/namespaces/${namespace}/${plural}`;
    this.#selector = `labelSelector=${encodeURIComponent(`${LABEL}=${plural}`)}`;
  }

  async run(): Promise<void> {
    await this.#discover();
    const objects = await this.#create();
    const [first] = objects;
    if (first === undefined) throw new Error("nothing was created");
    const item = `${this.#here}/${first.metadata.name}`;
    expect(await this.#api.get(item), "as it was created").to.deep.equal(first);
    const list = await this.#list(objects);
    const watched = await this.#api.watch(
      `${this.#here}?${this.#selector}&resourceVersion=${list.metadata.resourceVersion}`,
    );
    await this.#patchAndUpdate(item);
    const { name } = first.metadata;
    expect((await watched.take(2)).map(eventOf)).to.deep.equal([
      ["MODIFIED", name, ["patched"]],
      ["MODIFIED", name, ["patched", "updated"]],
    ]);
    if (this.#of.status) await this.#changeStatus(item, this.#of.status);
    await this.#delete(item);
    const gone = await watched.until(({ type }) => type === "DELETED");
    expect(gone.object.metadata.name).to.equal(name);
    watched.close();
  }

  async #discover(): Promise<void> {
    const { apiVersion, kind, plural, namespace } = this.#of;
    const [group, version] = apiVersion.split("/");
    if (version !== undefined) {
      const groups = (await this.#api.get("/apis")).groups as readonly Json[];
      const found = groups.find(({ name }) => name === group);
      expect(found?.versions).to.deep.include({ groupVersion: apiVersion, version });
      expect((await this.#api.get(`/apis/${group}`)).versions).to.deep.include({ groupVersion: apiVersion, version });
    }
    const resources = (await this.#api.get(rootOf(apiVersion))).resources as readonly Json[];
    const found = resources.find(({ name }) => name === plural);
    expect(found).to.include({ kind, namespaced: namespace !== undefined });
    const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    expect(found?.verbs).to.include.members(verbs);
    if (this.#of.status) {
      const status = resources.find(({ name }) => name === `${plural}/status`);
      expect(status?.verbs).to.have.members(["get", "patch", "update"]);
    }
  }

  async #create(): Promise<readonly KubeJson[]> {
    const objects: KubeJson[] = [];
    for (const index of [0, 1, 2]) {
      const { apiVersion, kind, plural, build } = this.#of;
      const { metadata, ...rest } = build(index);
      const naming = metadata?.name === undefined ? { generateName: "e2e-example-" } : {};
      const named = { ...naming, ...metadata, labels: { [LABEL]: plural } };
      objects.push(await this.#api.post(this.#here, { apiVersion, kind, metadata: named, ...rest }));
    }
    return objects;
  }

  async #list(objects: readonly KubeJson[]): Promise<KubeJson> {
    const names = objects.map(({ metadata }) => metadata.name);
    for (const path of [this.#everywhere, this.#here]) {
      const list = await this.#api.get(`${path}?${this.#selector}`);
      expect(list).to.include({ kind: `${this.#of.kind}List`, apiVersion: this.#of.apiVersion });
      expect(list.items.map(({ metadata }) => metadata.name)).to.have.members(names);
    }
    return this.#api.get(`${this.#here}?${this.#selector}`);
  }

  async #patchAndUpdate(item: string): Promise<void> {
    const patched = await this.#api.patch(item, { metadata: { annotations: { patched: "true" } } }, MERGE);
    expect(patched.metadata.annotations).to.include({ patched: "true" });
    const { metadata } = patched;
    const annotations = { ...metadata.annotations, updated: "true" };
    const change = this.#of.change?.(patched) ?? {};
    const updated = await this.#api.put(item, { ...patched, metadata: { ...metadata, annotations }, ...change });
    expect(updated.metadata.annotations).to.include({ patched: "true", updated: "true" });
    expect(updated.metadata.generation, "a change of the spec makes a new generation").to.equal(
      metadata.generation === undefined ? undefined : metadata.generation + (this.#of.change ? 1 : 0),
    );
  }

  async #changeStatus(item: string, status: Json): Promise<void> {
    const path = `${item}/status`;
    const patched = await this.#api.patch(path, { metadata: { annotations: { patchedstatus: "true" } }, status });
    expect(patched.status).to.deep.include(status);
    const annotations = { ...patched.metadata.annotations, updatedstatus: "true" };
    const updated = await this.#api.put(path, { ...patched, metadata: { ...patched.metadata, annotations } });
    const kept = Object.keys(updated.metadata.annotations ?? {}).filter((key) => key.endsWith("status"));
    expect(kept).to.have.members(this.#of.statusKeepsMetadata ? [] : ["patchedstatus", "updatedstatus"]);
    const read = await this.#api.get(path);
    expect(read, "the status subresource is the whole object").to.deep.equal(updated);
    expect(read.kind).to.equal(this.#of.kind);
  }

  async #delete(item: string): Promise<void> {
    // Jobs and replication controllers orphan their pods unless told otherwise.
    await this.#api.delete(item, { propagationPolicy: "Background" });
    await this.#untilGone(item);
    expect((await this.#api.get(`${this.#here}?${this.#selector}`)).items).to.have.length(2);
    await this.#api.delete(`${this.#here}?${this.#selector}`, { propagationPolicy: "Background" });
    const left = await this.#api.get(`${this.#here}?${this.#selector}`);
    expect(left.items).to.deep.equal([]);
  }

  async #untilGone(item: string): Promise<void> {
    const { code, data } = await this.#api.ask("GET", item);
    expect(code).to.equal(404);
    expect(data).to.include({ kind: "Status", reason: "NotFound" });
  }
}
