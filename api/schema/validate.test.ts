import { expect } from "chai";
import * as s from "./schema.ts";
import { validateObject } from "./validate.ts";

const port = s.object("test.v1.Port", "", {
  port: s.required(1, s.int32(), ""),
  protocol: s.optional(2, s.oneOf("UDP", "TCP"), ""),
});
const spec = s.object("test.v1.Spec", "", {
  name: s.required(1, s.string(), ""),
  ports: s.optional(2, s.listMap(port, ["port", "protocol"]), ""),
  tags: s.optional(3, s.set(s.string()), ""),
  byName: s.optional(4, s.map(port), ""),
  nested: s.optional(
    5,
    s.lazy((): s.Schema => spec as s.Schema),
    "",
  ),
});
const kind: s.Schema = s.object("test.v1.Kind", "", { spec: s.required(1, spec, ""), status: s.optional(2, spec, "") });

describe("validation by schema", () => {
  const cases: readonly [string, object, readonly string[]][] = [
    ["accepts what is complete", { spec: { name: "", ports: [{ port: 1, protocol: "TCP" }] } }, []],
    ["wants required fields", {}, ["spec: Required value"]],
    ["wants them in lists", { spec: { name: "a", ports: [{ port: 1 }, {}] } }, ["spec.ports[1].port: Required value"]],
    ["wants them in maps", { spec: { name: "a", byName: { x: {} } } }, ["spec.byName[x].port: Required value"]],
    [
      "wants them in types that contain themselves",
      { spec: { name: "a", nested: {} } },
      ["spec.nested.name: Required value"],
    ],
    [
      "collects all breaches",
      { spec: { ports: [{}] } },
      ["spec.name: Required value", "spec.ports[0].port: Required value"],
    ],
    [
      "wants one of the values",
      { spec: { name: "a", ports: [{ port: 1, protocol: "SCTP" }] } },
      ['spec.ports[0].protocol: Unsupported value: "SCTP": supported values: "TCP", "UDP"'],
    ],
    ["does not look at the status", { spec: { name: "a" }, status: { ports: [{}] } }, []],
    ["leaves duplicates to each kind", { spec: { name: "a", tags: ["x", "x"] } }, []],
  ];
  for (const [title, object, expected] of cases) {
    it(title, () => {
      expect(validateObject<unknown>(kind, object).map(({ path, message }) => `${path}: ${message}`)).to.deep.equal(
        expected,
      );
    });
  }

  it("finds duplicates in sets and by the keys of lists, if asked", () => {
    const ports = [{ port: 1 }, { port: 1, protocol: "TCP" }, { port: 1, protocol: "TCP" }];
    const object = { spec: { name: "a", ports, tags: ["x", "y", "x"] } };
    expect(validateObject<unknown>(kind, object, { uniqueLists: true })).to.deep.equal([
      { reason: "FieldValueDuplicate", path: "spec.ports[2]", message: 'Duplicate value: {"port":1,"protocol":"TCP"}' },
      { reason: "FieldValueDuplicate", path: "spec.tags[2]", message: 'Duplicate value: "x"' },
    ]);
  });
});
