import { expect } from "chai";
import { deployments } from "../apps/deployment.ts";
import { pods } from "../core/pod.ts";
import { podDisruptionBudgets } from "../policy/pod-disruption-budget.ts";
import { StatusError } from "../meta/status.ts";
import { applyStrategicMerge, type JsonObject } from "./strategic-merge.ts";

const spec = (fields: object): JsonObject => ({ spec: fields });
const names = (...list: string[]) => list.map((name) => ({ name }));

describe("a strategic merge patch", () => {
  const cases: readonly [string, { object: object; patch: object; result: object }][] = [
    [
      "sets, changes and removes fields",
      {
        object: { nodeName: "a", hostname: "b", nodeSelector: { x: "1", y: "2" } },
        patch: { nodeName: "c", hostname: null, subdomain: "d", nodeSelector: { x: null, z: "3" } },
        result: { nodeName: "c", subdomain: "d", nodeSelector: { y: "2", z: "3" } },
      },
    ],
    [
      "merges lists by their key, the patch's items first where the server lacks them",
      {
        object: { containers: [{ name: "a", image: "1", env: [{ name: "x", value: "1" }] }, { name: "b" }] },
        patch: { containers: [{ name: "c" }, { name: "a", image: "2", env: [{ name: "y" }] }] },
        result: {
          containers: [
            { name: "c" },
            { name: "a", image: "2", env: [{ name: "y" }, { name: "x", value: "1" }] },
            { name: "b" },
          ],
        },
      },
    ],
    [
      "replaces lists that have no merge key",
      {
        object: { tolerations: [{ key: "a" }], containers: [{ name: "a", args: ["x", "y"] }] },
        patch: { tolerations: [{ key: "b" }], containers: [{ name: "a", args: ["z"] }] },
        result: { tolerations: [{ key: "b" }], containers: [{ name: "a", args: ["z"] }] },
      },
    ],
    [
      "removes items by their key",
      {
        object: { containers: names("a", "b", "c") },
        patch: {
          containers: [
            { $patch: "delete", name: "b" },
            { $patch: "delete", name: "none" },
          ],
        },
        result: { containers: names("a", "c") },
      },
    ],
    [
      "replaces a merged list if told to",
      {
        object: { containers: [{ name: "a", image: "1" }, { name: "b" }] },
        patch: { containers: [{ $patch: "replace" }, { name: "a", args: ["x"] }] },
        result: { containers: [{ name: "a", args: ["x"] }] },
      },
    ],
    [
      "replaces an object if told to",
      {
        object: { securityContext: { runAsUser: 1 }, nodeSelector: { a: "1" } },
        patch: { securityContext: { $patch: "replace", fsGroup: 2 }, nodeSelector: { $patch: "delete" } },
        result: { securityContext: { fsGroup: 2 }, nodeSelector: {} },
      },
    ],
    [
      "orders items as told, others keep their place",
      {
        object: { containers: names("a", "x", "b", "c") },
        patch: { "$setElementOrder/containers": names("c", "b", "a"), containers: [{ name: "b", image: "2" }] },
        result: { containers: [{ name: "x" }, { name: "c" }, { name: "b", image: "2" }, { name: "a" }] },
      },
    ],
    [
      "keeps what only the server has between its neighbours",
      {
        object: { containers: names("a", "x", "b") },
        patch: { "$setElementOrder/containers": names("a", "b", "c"), containers: names("c") },
        result: { containers: names("a", "x", "b", "c") },
      },
    ],
    [
      "retains only the keys listed",
      {
        object: { volumes: [{ name: "v", configMap: { name: "c" } }] },
        patch: { volumes: [{ name: "v", $retainKeys: ["name", "emptyDir"], emptyDir: {}, configMap: null }] },
        result: { volumes: [{ name: "v", emptyDir: {} }] },
      },
    ],
    [
      "drops nulls and directives from what it adds",
      {
        object: {},
        patch: {
          containers: [
            {
              name: "a",
              image: null,
              env: [
                { $patch: "delete", name: "x" },
                { name: "y", value: null },
              ],
            },
          ],
        },
        result: { containers: [{ name: "a", env: [{ name: "y" }] }] },
      },
    ],
    [
      "keeps items that share a merge key",
      {
        object: {
          containers: [
            {
              name: "a",
              ports: [
                { containerPort: 53, protocol: "TCP" },
                { containerPort: 53, protocol: "UDP" },
              ],
            },
          ],
        },
        patch: { containers: [{ name: "a", ports: [{ containerPort: 80 }] }] },
        result: {
          containers: [
            {
              name: "a",
              ports: [
                { containerPort: 80 },
                { containerPort: 53, protocol: "TCP" },
                { containerPort: 53, protocol: "UDP" },
              ],
            },
          ],
        },
      },
    ],
    [
      "replaces a value of another type",
      {
        object: { nodeSelector: "x", containers: { a: 1 } },
        patch: { nodeSelector: { a: "1" }, containers: names("a") },
        result: { nodeSelector: { a: "1" }, containers: names("a") },
      },
    ],
  ];
  for (const [title, { object, patch, result }] of cases) {
    it(title, () => {
      const before = spec(structuredClone(object));
      expect(applyStrategicMerge(pods.schema, before, spec(patch))).to.deep.equal(spec(result));
      expect(before).to.deep.equal(spec(object));
    });
  }

  it("merges lists of scalars", () => {
    const merge = (object: object, patch: object) =>
      applyStrategicMerge(pods.schema, { metadata: object }, { metadata: patch })["metadata"];
    expect(merge({ finalizers: ["a", "b"] }, { finalizers: ["c", "a"] })).to.deep.equal({
      finalizers: ["c", "a", "b"],
    });
    expect(
      merge(
        { finalizers: ["a", "b", "c"] },
        { "$deleteFromPrimitiveList/finalizers": ["b"], "$setElementOrder/finalizers": ["c", "a"] },
      ),
    ).to.deep.equal({ finalizers: ["c", "a"] });
  });

  it("merges the strategy of a deployment as a union", () => {
    const object = spec({ strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } });
    const patch = spec({ strategy: { $retainKeys: ["type"], type: "Recreate" } });
    expect(applyStrategicMerge(deployments.schema, object, patch)).to.deep.equal(
      spec({ strategy: { type: "Recreate" } }),
    );
  });

  it("keeps __proto__ as plain data", () => {
    const patch = JSON.parse('{"metadata":{"labels":{"__proto__":"x"}},"__proto__":{"polluted":1}}') as JsonObject;
    const result = applyStrategicMerge(pods.schema, { metadata: { labels: { a: "1" } } }, patch);
    expect(JSON.stringify(result)).to.equal(
      '{"metadata":{"labels":{"a":"1","__proto__":"x"}},"__proto__":{"polluted":1}}',
    );
    expect(({} as Record<string, unknown>)["polluted"]).to.equal(undefined);
  });

  const wrong: readonly [string, object, string][] = [
    ["an unknown directive", { $patch: "x" }, 'unknown patch type: "x" in map'],
    ["an unknown directive of an item", { containers: [{ $patch: "x", name: "a" }] }, 'unknown patch type: "x" in map'],
    [
      "merging as a directive of an item",
      { containers: [{ $patch: "merge", name: "a" }] },
      "merging lists cannot yet be specified in the patch",
    ],
    [
      "an item without its key",
      { containers: [{ image: "a" }] },
      'map: {"image":"a"} does not contain declared merge key: name',
    ],
    ["an item that is no object", { containers: ["a"] }, "does not contain declared merge key: name"],
    [
      "keys that are not retained",
      { $retainKeys: ["a"], nodeName: "x" },
      "patch content doesn't match retainKeys list",
    ],
    ["retained keys that are no list", { $retainKeys: "a" }, "invalid patch format of retainKeys"],
    ["an order that is no list", { "$setElementOrder/containers": 1 }, "invalid patch format of setElementOrder list"],
    ["deletions that are no list", { "$deleteFromPrimitiveList/x": {} }, "invalid patch format of primitive list"],
  ];
  for (const [what, patch, message] of wrong) {
    it(`refuses ${what}`, () => {
      expect(() => applyStrategicMerge(pods.schema, spec({ containers: [{ name: "b" }] }), spec(patch)))
        .to.throw(StatusError, message)
        .that.includes({ code: 400 });
    });
  }

  it("replaces a selector that stands for itself", () => {
    const budget = spec({ selector: { matchLabels: { a: "1" } }, maxUnavailable: 1 });
    const patch = spec({ selector: { matchExpressions: [{ key: "b", operator: "Exists" }] } });
    expect(applyStrategicMerge(podDisruptionBudgets.schema, budget, patch)).to.deep.equal(
      spec({ selector: { matchExpressions: [{ key: "b", operator: "Exists" }] }, maxUnavailable: 1 }),
    );
  });
});
