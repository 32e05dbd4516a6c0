import { expect } from "chai";
import fc from "fast-check";
import jsonPatchOracle, { type Operation } from "fast-json-patch";
import { StatusError } from "../../api/meta/status.ts";
import { deepFreeze } from "../../lib/deep-freeze.ts";
import { applyJsonPatch } from "./json-patch.ts";

describe("a JSON patch", () => {
  const applies: readonly [string, unknown, readonly object[], unknown][] = [
    ["adds a field", { a: 1 }, [{ op: "add", path: "/b", value: [] }], { a: 1, b: [] }],
    ["adds over a field", { a: 1 }, [{ op: "add", path: "/a", value: null }], { a: null }],
    ["inserts an item", { a: [1, 3] }, [{ op: "add", path: "/a/1", value: 2 }], { a: [1, 2, 3] }],
    ["appends an item", { a: [1] }, [{ op: "add", path: "/a/-", value: 2 }], { a: [1, 2] }],
    ["appends at the length", { a: [1] }, [{ op: "add", path: "/a/1", value: 2 }], { a: [1, 2] }],
    [
      "removes a field and an item",
      { a: [1, 2], b: 1 },
      [
        { op: "remove", path: "/b" },
        { op: "remove", path: "/a/0" },
      ],
      { a: [2] },
    ],
    [
      "replaces a field and an item",
      { a: [1, 2], b: 1 },
      [
        { op: "replace", path: "/b", value: 2 },
        { op: "replace", path: "/a/1", value: 5 },
      ],
      { a: [1, 5], b: 2 },
    ],
    ["replaces a null", { a: null }, [{ op: "replace", path: "/a", value: 1 }], { a: 1 }],
    ["moves", { a: { b: 1 }, c: {} }, [{ op: "move", from: "/a/b", path: "/c/d" }], { a: {}, c: { d: 1 } }],
    ["moves to the same place", { a: 1 }, [{ op: "move", from: "/a", path: "/a" }], { a: 1 }],
    [
      "copies",
      { a: [1] },
      [
        { op: "copy", from: "/a", path: "/b" },
        { op: "add", path: "/b/-", value: 2 },
      ],
      { a: [1], b: [1, 2] },
    ],
    [
      "keeps copies apart",
      { a: { b: [1] } },
      [
        { op: "add", path: "/a/b/-", value: 2 },
        { op: "copy", from: "/a", path: "/c" },
        { op: "add", path: "/a/b/-", value: 3 },
        { op: "add", path: "/c/b/0", value: 0 },
      ],
      { a: { b: [1, 2, 3] }, c: { b: [0, 1, 2] } },
    ],
    [
      "tests",
      { a: { b: [1, 2n ** 60n] } },
      [{ op: "test", path: "/a", value: { b: [1, 2n ** 60n] } }],
      { a: { b: [1, 2n ** 60n] } },
    ],
    [
      "takes a missing value for null in tests, as Kubernetes does",
      {},
      [{ op: "test", path: "/a/b", value: null }],
      {},
    ],
    [
      "reads escapes in paths",
      { "a/b": { "c~d": 1 } },
      [{ op: "replace", path: "/a~1b/c~0d", value: 2 }],
      { "a/b": { "c~d": 2 } },
    ],
    ["reads ~01 as ~1", { "~1": 1 }, [{ op: "remove", path: "/~01" }], {}],
    ["knows empty keys", { "": { "": 1 } }, [{ op: "remove", path: "//" }], { "": {} }],
    ["replaces the whole value", { a: 1 }, [{ op: "replace", path: "", value: { b: 2 } }], { b: 2 }],
    ["adds the whole value", { a: 1 }, [{ op: "add", path: "", value: { b: 2 } }], { b: 2 }],
    ["does nothing", { a: 1 }, [], { a: 1 }],
  ];
  for (const [title, current, patch, result] of applies) {
    it(title, () => {
      const before = deepFreeze(structuredClone(current));
      expect(applyJsonPatch(before, patch)).to.deep.equal(result);
      expect(before).to.deep.equal(current);
    });
  }

  const missing = (op: string, path: string) =>
    `${op} operation does not apply: doc is missing path: "${path}": missing value`;
  const fails: readonly [string, unknown, object, string][] = [
    ["an absent parent", {}, { op: "add", path: "/a/b", value: 1 }, missing("add", "/a/b")],
    ["a scalar parent", { a: 1 }, { op: "add", path: "/a/b", value: 1 }, missing("add", "/a/b")],
    ["an index beyond the end", { a: [1] }, { op: "add", path: "/a/2", value: 1 }, missing("add", "/a/2")],
    ["an index with a leading zero", { a: [1] }, { op: "add", path: "/a/01", value: 1 }, missing("add", "/a/01")],
    ["a negative index", { a: [1] }, { op: "remove", path: "/a/-1" }, missing("remove", "/a/-1")],
    ["a name as an index", { a: [1] }, { op: "replace", path: "/a/length", value: 0 }, missing("replace", "/a/length")],
    ["removing what is absent", {}, { op: "remove", path: "/a" }, missing("remove", "/a")],
    ["removing behind the end", { a: [1] }, { op: "remove", path: "/a/-" }, missing("remove", "/a/-")],
    ["replacing what is absent", {}, { op: "replace", path: "/a", value: 1 }, missing("replace", "/a")],
    ["inherited fields", {}, { op: "replace", path: "/constructor", value: 1 }, missing("replace", "/constructor")],
    [
      "copying what is absent",
      {},
      { op: "copy", from: "/a", path: "/b" },
      "copy operation does not apply: doc is missing from path: /a",
    ],
    [
      "moving a value into itself",
      { a: { b: {} } },
      { op: "move", from: "/a", path: "/a/b/c" },
      "/a is moved into itself",
    ],
    ["a failing test", { a: 1 }, { op: "test", path: "/a", value: 2 }, "testing value /a failed: test failed"],
    [
      "a test of another type",
      { a: "1" },
      { op: "test", path: "/a", value: 1 },
      "testing value /a failed: test failed",
    ],
    ["removing everything", {}, { op: "remove", path: "" }, missing("remove", "")],
    ["an unknown operation", {}, { op: "spam", path: "/a" }, 'Unexpected kind: "spam"'],
    ["an operation without a value", {}, { op: "add", path: "/a" }, "add operation lacks a value"],
    ["a path that is no pointer", {}, { op: "add", path: "a", value: 1 }, 'must be a JSON pointer, got "a"'],
    ["an operation without a path", {}, { op: "remove" }, "must be a JSON pointer, got undefined"],
  ];
  for (const [what, current, operation, message] of fails) {
    it(`refuses ${what}`, () => {
      expect(() => applyJsonPatch(current, [operation]))
        .to.throw(StatusError, message)
        .that.includes({ code: 422, reason: "Invalid" });
    });
  }

  it("must be a list of objects", () => {
    expect(() => applyJsonPatch({}, {}))
      .to.throw(StatusError, "json: cannot unmarshal object into Go value of type jsonpatch.Patch")
      .that.includes({ code: 400 });
    expect(() => applyJsonPatch({}, [1]))
      .to.throw(StatusError, "json: cannot unmarshal number into Go value of type jsonpatch.Operation")
      .that.includes({ code: 400 });
  });

  it("keeps __proto__ as plain data", () => {
    const result = applyJsonPatch({}, [
      { op: "add", path: "/__proto__", value: { polluted: 1 } },
      { op: "add", path: "/__proto__/polluted", value: 2 },
    ]);
    expect(JSON.stringify(result)).to.equal('{"__proto__":{"polluted":2}}');
    expect(({} as Record<string, unknown>)["polluted"]).to.equal(undefined);
    expect(() => applyJsonPatch({}, [{ op: "add", path: "/__proto__/x", value: 1 }])).to.throw(
      StatusError,
      "missing path",
    );
  });

  it("is bounded in operations and in what it copies", () => {
    const operations = Array.from({ length: 10_001 }, () => ({ op: "test", path: "/a", value: null }));
    expect(() => applyJsonPatch({}, operations))
      .to.throw(StatusError, "The allowed maximum operations in a JSON patch is 10000, got 10001")
      .that.includes({ code: 413 });
    const doubling = Array.from({ length: 60 }, (_, index) => ({ op: "copy", from: "/a", path: `/a/x${index}` }));
    expect(() => applyJsonPatch({ a: { text: "some text" } }, doubling)).to.throw(
      StatusError,
      "copy operations may add",
    );
  });

  it("copies a container once, however often it is changed", () => {
    let copies = 0;
    const data = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, 0]));
    const watched = new Proxy(data, { ownKeys: (target) => (copies++, Reflect.ownKeys(target)) });
    const patch = Object.keys(data).map((key) => ({ op: "replace", path: `/data/${key}`, value: 1 }));
    const patched = applyJsonPatch({ data: watched }, patch) as { data: object };
    expect(new Set(Object.values(patched.data))).to.deep.equal(new Set([1]));
    expect([copies, data["k0"]]).to.deep.equal([1, 0]);
  });

  it("agrees with another implementation", () => {
    const key = fc.constantFrom("a", "b", "0", "1", "-", "c~d");
    const pointer = fc
      .array(key, { minLength: 1, maxLength: 3 })
      .map((keys) => keys.map((each) => `/${each.replace("~", "~0")}`).join(""));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.integer({ min: 0, max: 2 }),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    const operation = fc.oneof(
      fc.record({ op: fc.constantFrom("add" as const, "replace" as const, "test" as const), path: pointer, value }),
      fc.record({ op: fc.constant("remove" as const), path: pointer }),
      fc.record({ op: fc.constantFrom("move" as const, "copy" as const), from: pointer, path: pointer }),
    );
    const document = fc.dictionary(key, value, { minKeys: 2, noNullPrototype: true });
    fc.assert(
      fc.property(document, fc.array(operation, { minLength: 1, maxLength: 6 }), (current, patch) => {
        const theirs = attempt(() => applyByOracle(current, patch));
        const ours = attempt(() => applyJsonPatch(current, patch));
        expect(ours).to.deep.equal(theirs);
      }),
      { numRuns: 1000 },
    );
  });
});

/** The other implementation takes any index where it moves and copies to; adding the same value, it looks. */
function applyByOracle(current: unknown, patch: readonly Operation[]): unknown {
  let document = structuredClone(current);
  for (const operation of patch) {
    const steps: Operation[] = [structuredClone(operation)];
    if (operation.op === "move" && operation.path.startsWith(`${operation.from}/`)) {
      throw new Error("RFC 6902 forbids to move a value into itself");
    }
    if (operation.op === "move" || operation.op === "copy") {
      const value: unknown = structuredClone(jsonPatchOracle.getValueByPointer(document, operation.from));
      if (value === undefined) throw new Error("there is nothing to move or copy");
      const added: Operation = { op: "add", path: operation.path, value };
      steps.splice(0, 1, ...(operation.op === "move" ? [{ op: "remove" as const, path: operation.from }] : []), added);
    }
    document = jsonPatchOracle.applyPatch(document, steps, true).newDocument;
  }
  return document;
}

/** The result; undefined if it was refused. */
function attempt(apply: () => unknown): unknown {
  try {
    return apply();
  } catch {
    return undefined;
  }
}
