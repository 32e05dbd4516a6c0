import { expect } from "chai";
import fc from "fast-check";
import { deployments } from "../apps/deployment.ts";
import { pods } from "../core/pod.ts";
import * as s from "./schema.ts";
import { podDisruptionBudgets } from "../policy/pod-disruption-budget.ts";
import { applyStrategicMerge, type JsonObject } from "./strategic-merge.ts";
import { planMergePatch, planStrategicPatch } from "./three-way.ts";

const plan = (objects: { original?: object; modified: object; current: object }) =>
  planStrategicPatch(pods.schema, {
    original: objects.original as JsonObject,
    modified: objects.modified as JsonObject,
    current: objects.current as JsonObject,
  });
const container = (name: string, fields: object = {}) => ({ name, ...fields });
const spec = (...containers: object[]) => ({ spec: { containers } });

describe("the patch of kubectl apply", () => {
  it("is empty where the manifest asks for nothing new", () => {
    const modified = spec(container("a", { image: "1" }));
    const current = {
      ...spec(container("a", { image: "1", imagePullPolicy: "Always" })),
      status: { phase: "Running" },
    };
    expect(plan({ original: modified, modified, current })).to.deep.equal({});
    expect(plan({ modified, current })).to.deep.equal({});
  });

  it("sets what the manifest has and removes what it had", () => {
    const original = { metadata: { labels: { a: "1", gone: "x" } }, spec: { nodeName: "n", hostname: "h" } };
    const modified = { metadata: { labels: { a: "2", b: "3" } }, spec: { nodeName: "n" } };
    const current = {
      metadata: { labels: { a: "1", gone: "x", other: "y" } },
      spec: { nodeName: "m", hostname: "h", priority: 1 },
    };
    expect(plan({ original, modified, current })).to.deep.equal({
      metadata: { labels: { a: "2", b: "3", gone: null } },
      spec: { nodeName: "n", hostname: null },
    });
  });

  it("names the items it changes, adds and removes, and their order", () => {
    const original = spec(container("a"), container("b"), container("c"));
    const modified = spec(container("a", { image: "2" }), container("d"), container("c"));
    const current = spec(container("a", { image: "1" }), container("b"), container("c"), container("injected"));
    expect(plan({ original, modified, current })).to.deep.equal({
      spec: {
        "$setElementOrder/containers": [{ name: "a" }, { name: "d" }, { name: "c" }],
        containers: [{ name: "a", image: "2" }, { name: "d" }, { $patch: "delete", name: "b" }],
      },
    });
  });

  it("asks for an order alone where only that differs", () => {
    const patch = plan({
      modified: spec(container("b"), container("a")),
      current: spec(container("a"), container("b")),
    });
    expect(patch).to.deep.equal({ spec: { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] } });
  });

  it("adds to and deletes from lists of scalars", () => {
    const finalizers = (...list: string[]) => ({ metadata: { finalizers: list } });
    const patch = plan({
      original: finalizers("a", "b"),
      modified: finalizers("a", "c"),
      current: finalizers("a", "b", "x"),
    });
    expect(patch).to.deep.equal({
      metadata: {
        finalizers: ["c"],
        "$deleteFromPrimitiveList/finalizers": ["b"],
        "$setElementOrder/finalizers": ["a", "c"],
      },
    });
  });

  it("retains the keys of a union only", () => {
    const rolling = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } };
    const patch = planStrategicPatch(deployments.schema, {
      original: undefined,
      modified: { spec: { strategy: { type: "Recreate" } } },
      current: { spec: { strategy: rolling } },
    });
    expect(patch).to.deep.equal({ spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } });
    const volumes = plan({
      original: { spec: { volumes: [{ name: "v", configMap: { name: "c" } }] } },
      modified: { spec: { volumes: [{ name: "v", emptyDir: {} }] } },
      current: { spec: { volumes: [{ name: "v", configMap: { name: "c", defaultMode: 420 } }] } },
    });
    expect(volumes).to.deep.equal({
      spec: {
        "$setElementOrder/volumes": [{ name: "v" }],
        volumes: [{ $retainKeys: ["emptyDir", "name"], name: "v", emptyDir: {} }],
      },
    });
  });

  it("replaces a list whose merge key does not tell its items apart", () => {
    const ports = [
      { containerPort: 53, protocol: "TCP" },
      { containerPort: 53, protocol: "UDP" },
    ];
    const current = spec(container("a", { ports: [{ containerPort: 53, protocol: "TCP" }] }));
    const patch = plan({ modified: spec(container("a", { ports })), current });
    expect(applyStrategicMerge(pods.schema, current, patch)).to.deep.equal(spec(container("a", { ports })));
  });

  it("is a JSON merge patch without a schema", () => {
    const patch = planMergePatch({
      original: { spec: { a: 1, b: { c: 1 }, list: [1] } },
      modified: { spec: { b: {}, list: [2], d: null } },
      current: { spec: { a: 1, b: { c: 1, x: 1 }, list: [1, 3] } },
    });
    expect(patch).to.deep.equal({ spec: { a: null, b: { c: null }, list: [2] } });
  });
});

const item: s.Schema = s.object("test.v1.Item", "", {
  name: s.required(1, s.string(), ""),
  value: s.optional(2, s.string(), ""),
  items: s.optional(
    3,
    s.listMap(
      s.lazy(() => item),
      ["name"],
      { mergeKey: "name", strategy: "merge" },
    ),
    "",
  ),
  tags: s.optional(4, s.set(s.string(), { strategy: "merge" }), ""),
  atoms: s.optional(5, s.list(s.string()), ""),
  labels: s.optional(6, s.map(s.string()), ""),
});

const word = fc.constantFrom("a", "b", "c", "d");
const words = fc.uniqueArray(word, { minLength: 1 });
const { tree } = fc.letrec<{ tree: JsonObject }>((tie) => ({
  tree: fc.record(
    {
      name: word,
      value: word,
      items: fc.uniqueArray(tie("tree"), {
        selector: (each) => each["name"],
        minLength: 1,
        maxLength: 4,
        depthIdentifier: "d",
      }),
      tags: words,
      atoms: words,
      labels: fc.dictionary(word, word, { minKeys: 1, noNullPrototype: true }),
    },
    { requiredKeys: ["name"] },
  ),
}));

/** What must come out, said without patches. Lists by key are compared as maps. */
function expected(original: unknown, modified: unknown, current: unknown): unknown {
  if (!isRecord(modified)) return modified;
  if (!isRecord(current)) return modified;
  const before = isRecord(original) ? original : {};
  const kept = Object.entries(current).filter(([key]) => !(key in before) || key in modified);
  const result = Object.fromEntries(kept);
  for (const key of Object.keys(modified)) result[key] = expected(before[key], modified[key], current[key]);
  return result;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Merged lists as maps from key to item, merged scalars as maps to true. */
function keyed(object: JsonObject): JsonObject {
  const items = object["items"] as readonly JsonObject[] | undefined;
  const tags = object["tags"] as readonly string[] | undefined;
  return {
    ...object,
    ...(items && { items: Object.fromEntries(items.map((each) => [each["name"], keyed(each)])) }),
    ...(tags && { tags: Object.fromEntries(tags.map((tag) => [tag, true])) }),
  };
}

/** An empty merged list is the same as none. */
function withoutEmpty(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, withoutEmpty(each)] as const);
  return Object.fromEntries(entries.filter(([, each]) => !(isRecord(each) && Object.keys(each).length === 0)));
}

describe("a field that patches replace", () => {
  const { schema } = podDisruptionBudgets;
  const budget = (matchLabels: object) => ({ spec: { selector: { matchLabels }, maxUnavailable: 1 } });

  it("is sent whole where it differs", () => {
    const objects = { original: budget({ a: "1" }), modified: budget({ b: "2" }), current: budget({ a: "1", c: "3" }) };
    const patch = planStrategicPatch(schema, objects);
    expect(patch).to.deep.equal({ spec: { selector: { matchLabels: { b: "2" } } } });
    expect(applyStrategicMerge(schema, objects.current, patch)).to.deep.equal(budget({ b: "2" }));
  });

  it("is not sent where it is as it should be", () => {
    const same = budget({ a: "1" });
    expect(planStrategicPatch(schema, { original: undefined, modified: same, current: same })).to.deep.equal({});
  });
});

describe("applying the patch of kubectl apply", () => {
  it("reaches the manifest, keeps what others added and removes what it had before", () => {
    fc.assert(
      fc.property(fc.option(tree, { nil: undefined }), tree, tree, (original, modified, current) => {
        const patch = planStrategicPatch(item, { original, modified, current });
        const result = applyStrategicMerge(item, current, patch);
        const goal = expected(original && keyed(original), keyed(modified), keyed(current));
        expect(withoutEmpty(keyed(result))).to.deep.equal(withoutEmpty(goal));
        expect(planStrategicPatch(item, { original: modified, modified, current: result })).to.deep.equal({});
      }),
      { numRuns: 300 },
    );
  });
});
