import { expect } from "chai";
import { applyDefaults } from "./default.ts";
import * as s from "./schema.ts";

const inner = s.completed(
  s.object("test.v1.Inner", "", {
    protocol: s.byDefault("TCP", s.optional(1, s.string(), "")),
    port: s.optional(2, s.int32(), ""),
    target: s.optional(3, s.int32(), ""),
  }),
  (draft) => {
    draft.target ??= draft.port;
  },
);
const outer = s.completed(
  s.object("test.v1.Outer", "", {
    replicas: s.byDefault(1, s.optional(1, s.int32(), "")),
    struct: s.present(2, inner, ""),
    list: s.optional(3, s.list(inner), ""),
    map: s.optional(4, s.map(inner), ""),
    labels: s.byDefault({ a: "b" }, s.optional(5, s.map(s.string()), "")),
    plain: s.optional(6, s.string(), ""),
    targets: s.optional(7, s.int32(), ""),
    children: s.optional(8, s.list(s.lazy((): s.Schema => outer as s.Schema)), ""),
  }),
  (draft) => {
    draft.targets = (draft.list ?? []).filter(({ target }) => target !== undefined).length;
  },
);
const rest = { struct: { protocol: "TCP", target: undefined }, labels: { a: "b" }, targets: 0 };

describe("defaulting", () => {
  const cases: readonly [string, object, object][] = [
    ["fills in absent fields and present structs", {}, { replicas: 1, ...rest }],
    ["takes null and empty text for absent", { replicas: null, struct: { protocol: "" } }, { replicas: 1, ...rest }],
    ["leaves values alone, zero too", { replicas: 0, labels: {} }, { ...rest, replicas: 0, labels: {} }],
    [
      "runs the hooks of items before that of the object that holds them",
      { list: [{ port: 80 }, { port: 81, target: 1, protocol: "UDP" }], map: { x: { port: 5 } } },
      {
        ...rest,
        replicas: 1,
        list: [
          { port: 80, target: 80, protocol: "TCP" },
          { port: 81, target: 1, protocol: "UDP" },
        ],
        map: { x: { port: 5, target: 5, protocol: "TCP" } },
        targets: 2,
      },
    ],
    [
      "follows types that contain themselves",
      { children: [{}] },
      { ...rest, replicas: 1, children: [{ ...rest, replicas: 1 }] },
    ],
  ];
  for (const [title, object, expected] of cases) {
    it(title, () => {
      const once = applyDefaults<unknown>(outer, structuredClone(object));
      expect(once).to.deep.equal(expected);
      expect(applyDefaults<unknown>(outer, structuredClone(once))).to.deep.equal(expected);
    });
  }

  it("gives each object its own copy of a default", () => {
    const [a, b] = [applyDefaults<object>(outer, {}), applyDefaults<object>(outer, {})] as { labels?: object }[];
    expect(a?.labels).to.deep.equal(b?.labels);
    expect(a?.labels).not.to.equal(b?.labels);
  });

  it("fills in zeros for required numbers and truth values, and in a status empty texts, too", () => {
    const item = s.object("test.v1.Item", "", {
      name: s.required(1, s.string(), ""),
      ready: s.required(2, s.boolean(), ""),
      count: s.required(3, s.int32(), ""),
      at: s.required(4, s.time(), ""),
      note: s.optional(5, s.string(), ""),
    });
    const body = s.object("test.v1.Body", "", { items: s.optional(1, s.list(item), "") });
    const kind = s.object("test.v1.Kind", "", { spec: s.present(1, body, ""), status: s.present(2, body, "") });
    const object = { spec: { items: [{}] }, status: { items: [{ count: 2 }] } };
    expect(applyDefaults<unknown>(kind, object)).to.deep.equal({
      spec: { items: [{ count: 0, ready: false }] },
      status: { items: [{ name: "", count: 2, ready: false }] },
    });
  });
});
