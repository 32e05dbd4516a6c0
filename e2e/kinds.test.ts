// Every kind as stock clients meet it: created, read, replaced and deleted over HTTPS, its status included, and explained by
// kubectl down to its last field.

import { expect } from "chai";
import { builtinResources } from "../api/index.ts";
import { apiVersionOf, resourcePath, type ResourceDefinition } from "../api/resource.ts";
import type { Schema } from "../api/schema/schema.ts";
import { readExamples, type Example } from "../testing/examples.ts";
import { runOrFail } from "./command.ts";
import { InProcessCluster } from "./in-process-cluster.ts";
import { RawClient } from "./raw-client.ts";

type Json = Readonly<Record<string, unknown>>;

/** The first thing that was written and is not there any more, by its path. */
function findLost(written: unknown, read: unknown, path: string): string | undefined {
  if (typeof written !== "object" || written === null) {
    return written === read ? undefined : `${path}: ${JSON.stringify(written)} became ${JSON.stringify(read)}`;
  }
  for (const [key, value] of Object.entries(written)) {
    const lost = findLost(value, (read as Json | undefined)?.[key], `${path}.${key}`);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

/** The lines of `kubectl explain --recursive`: every field, indented by its depth. Recursive types are shown once. */
function* fieldLines(schema: Schema, depth = 1, above: readonly Schema[] = []): Generator<string> {
  if (schema.type === "lazy") yield* fieldLines(schema.of(), depth, above);
  if (schema.type === "list") yield* fieldLines(schema.items, depth, above);
  if (schema.type === "map") yield* fieldLines(schema.values, depth, above);
  if (schema.type !== "object" || above.includes(schema)) return;
  for (const [name, field] of Object.entries(schema.fields).sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield "  ".repeat(depth) + name;
    yield* fieldLines(field.schema, depth + 1, [...above, schema]);
  }
}

const titleOf = (resource: ResourceDefinition) => `${apiVersionOf(resource)} ${resource.plural}`;

/** What the server does not take from clients, by kind: who asks for a certificate, and features that are off by default. */
const NOT_TAKEN: Readonly<Record<string, readonly string[] | undefined>> = {
  Pod: ["spec.resources", "spec.volumes.6"],
  CertificateSigningRequest: ["spec.username", "spec.uid", "spec.groups", "spec.extra"],
};

function withoutPath(value: Json, [field = "", ...rest]: readonly string[]): Json {
  const inner = value[field];
  if (inner === undefined) return value;
  const others = Object.fromEntries(Object.entries(value).filter(([name]) => name !== field));
  return rest.length === 0 ? others : { ...others, [field]: withoutPath(inner as Json, rest) };
}

const taken = (object: Json, kind: string): Json =>
  (NOT_TAKEN[kind] ?? []).reduce((left, path) => withoutPath(left, path.split(".")), object);

describe("the kinds, to stock clients", () => {
  let cluster: InProcessCluster;
  let client: RawClient;
  before(async () => {
    cluster = await InProcessCluster.start(["apiserver"]);
    client = RawClient.of(cluster.kubeconfig, cluster.port);
    await ask("POST", "/api/v1/namespaces", { metadata: { name: "examples" } });
    await ask("POST", "/api/v1/namespaces/examples/serviceaccounts", { metadata: { name: "default" } });
    const overhead = { podFixed: { cpu: "100m", memory: "128Mi" } };
    const runtimeClass = { metadata: { name: "virtual-machine" }, handler: "vm", overhead };
    await ask("POST", "/apis/node.k8s.io/v1/runtimeclasses", runtimeClass);
  });
  after(() => cluster.remove());

  async function ask(method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await client.ask(method, path, body === undefined ? {} : { body: JSON.stringify(body) });
    if (answer.code >= 300) throw new Error(`${method} ${path}: ${answer.code} ${answer.text}`);
    return answer.data;
  }

  const pathsOf = ({ resource, object }: Example) => {
    const { name, namespace } = object.metadata;
    return { collection: resourcePath(resource, { namespace }), item: resourcePath(resource, { namespace, name }) };
  };

  const isCreatable = ({ verbs }: ResourceDefinition) => !verbs || verbs.includes("create");

  for (const example of readExamples().filter(({ resource }) => isCreatable(resource))) {
    const { place, resource, object } = example;

    it(`keeps everything that ${place} says, a ${titleOf(resource)}`, async () => {
      const { collection, item } = pathsOf(example);
      const { status, ...rest } = object;
      // Every cluster has some of them, such as the priority level that is exempt.
      const isThere = (await client.ask("GET", item)).code === 200;
      await ask(isThere ? "PUT" : "POST", `${isThere ? item : collection}?fieldValidation=Strict`, object);
      try {
        let read = await ask("GET", item);
        if (status !== undefined && resource.subresources?.includes("status")) {
          for (const subresource of ["approval", "status"] as const) {
            if (!resource.subresources.includes(subresource)) continue;
            read = await ask("PUT", `${item}/${subresource}?fieldValidation=Strict`, { ...read, status });
          }
          read = await ask("GET", item);
          expect(findLost(status, read.status, "status")).to.equal(undefined);
        }
        expect(findLost(taken({ ...rest }, resource.kind), read, resource.kind)).to.equal(undefined);
        const again = await ask("PUT", `${item}?fieldValidation=Strict`, read);
        expect(again, "written back unchanged").to.deep.equal(read);
      } finally {
        await ask("DELETE", `${item}?gracePeriodSeconds=0&propagationPolicy=Background`);
        await removeFinalizers(item);
      }
    });
  }

  /** What is to be waited for by a controller that does not run here. */
  async function removeFinalizers(item: string): Promise<void> {
    const { code, data } = await client.ask("GET", item);
    if (code === 404) return;
    const body = JSON.stringify({ metadata: { finalizers: null, uid: data.metadata?.uid } });
    await client.ask("PATCH", item, { body, headers: { "content-type": "application/merge-patch+json" } });
  }

  for (const resource of builtinResources) {
    it(`lets kubectl explain every field of ${titleOf(resource)}`, async () => {
      const text = await runOrFail([
        "kubectl",
        `--kubeconfig=${cluster.kubeconfigPath}`,
        "explain",
        resource.plural,
        "--recursive",
        `--api-version=${apiVersionOf(resource)}`,
      ]);
      const shown = text
        .slice(text.indexOf("\nFIELDS:"))
        .split("\n")
        .filter((line) => /^ +\S+\t</.test(line))
        .map((line) => line.split("\t")[0] ?? "");
      expect(shown).to.deep.equal([...fieldLines(resource.schema)]);
    });
  }
});
