import { expect } from "chai";
import fc from "fast-check";
import { events } from "../../api/core/event.ts";
import { persistentVolumes } from "../../api/core/persistent-volume.ts";
import { fieldsOf } from "./applied-fields.ts";
import { compareFields } from "./compare-fields.ts";
import { pathsOf } from "../../api/schema/field-set.ts";
import { kindOf } from "./field-kind.ts";
import { fieldsOfNew } from "./new-fields.ts";
import { structKindOf } from "./owned-kind.ts";
import { renderPath } from "../../api/schema/path-element.ts";
import { fieldsSchema as schema, sample } from "../../testing/fields-fixture.ts";

const kind = structKindOf(schema);
const show = (fields: Parameters<typeof pathsOf>[0]) => pathsOf(fields).map(renderPath);

describe("comparing objects by their fields", () => {
  type Case = readonly [
    title: string,
    before: object,
    after: object,
    changes: { readonly taken?: string[]; readonly removed?: string[] },
  ];
  const cases: readonly Case[] = [
    ["equal ones", { text: "a", labels: { x: "1" } }, { text: "a", labels: { x: "1" } }, {}],
    ["a field that is added", {}, { text: "a" }, { taken: [".text"] }],
    ["a field that is changed", { text: "a" }, { text: "b" }, { taken: [".text"] }],
    ["a field that is removed", { text: "a" }, {}, { removed: [".text"] }],
    ["a map that is added, with its entries", {}, { labels: { x: "1" } }, { taken: [".labels", ".labels.x"] }],
    [
      "an entry that is added to a map",
      { labels: { x: "1" } },
      { labels: { x: "1", y: "2" } },
      { taken: [".labels.y"] },
    ],
    ["a map that is removed", { labels: { x: "1" } }, {}, { removed: [".labels", ".labels.x"] }],
    ["an empty map, which is none", {}, { labels: {} }, {}],
    ["an atomic map", { selector: { x: "1" } }, { selector: { x: "2", y: "3" } }, { taken: [".selector"] }],
    ["an atomic object", {}, { owner: { kind: "a" } }, { taken: [".owner"] }],
    ["an atomic list", { args: ["a"] }, { args: ["a", "b"] }, { taken: [".args"] }],
    [
      "an item of a set",
      { finalizers: ["a"] },
      { finalizers: ["b"] },
      { taken: ['.finalizers[="b"]'], removed: ['.finalizers[="a"]'] },
    ],
    [
      "an item of a list of maps",
      { items: [{ name: "a", value: "1" }] },
      { items: [{ name: "a", value: "2" }, { name: "b" }] },
      { taken: ['.items[name="a"].value', '.items[name="b"]', '.items[name="b"].name'] },
    ],
    ["the order of items, which nobody owns", { finalizers: ["a", "b"] }, { finalizers: ["b", "a"] }, {}],
    [
      "items by several keys, one of which has a default",
      { ports: [{ port: 80 }] },
      {
        ports: [
          { port: 80, protocol: "TCP", host: 1 },
          { port: 80, protocol: "UDP" },
        ],
      },
      {
        taken: [
          '.ports[port=80,protocol="TCP"].host',
          '.ports[port=80,protocol="TCP"].protocol',
          '.ports[port=80,protocol="UDP"]',
          '.ports[port=80,protocol="UDP"].port',
          '.ports[port=80,protocol="UDP"].protocol',
        ],
      },
    ],
    [
      "items of one name, as one value",
      { items: [{ name: "a" }, { name: "a" }] },
      { items: [{ name: "a" }, { name: "a", value: "1" }] },
      { taken: ['.items[name="a"]'] },
    ],
    [
      "items of one name that become one",
      { items: [{ name: "a" }, { name: "a" }] },
      { items: [{ name: "a" }] },
      { taken: ['.items[name="a"]', '.items[name="a"].name'], removed: ['.items[name="a"]'] },
    ],
    ["an object that Go never leaves out", {}, { inner: { text: "a" } }, { taken: [".inner.text"] }],
    ["an object that Go can leave out", {}, { choice: { text: "a" } }, { taken: [".choice", ".choice.text"] }],
    ["an empty object, which is a choice", {}, { choice: {} }, { taken: [".choice"] }],
    [
      "a list that Go never leaves out",
      {},
      { needed: [{ name: "a" }] },
      { taken: ['.needed[name="a"]', '.needed[name="a"].name'] },
    ],
    ["a field that the kind does not have", {}, { other: 1 }, {}],
  ];
  for (const [title, before, after, { taken = [], removed = [] }] of cases) {
    it(`finds ${title}`, () => {
      const changes = compareFields(kind, before, after);
      expect({ taken: show(changes.taken), removed: show(changes.removed) }).to.deep.equal({ taken, removed });
    });
  }

  it("gives for a new object what it gives for an empty one that is filled", () => {
    fc.assert(
      fc.property(sample, (value) => {
        expect(show(fieldsOfNew(kind, value))).to.deep.equal(show(compareFields(kind, {}, value).taken));
      }),
    );
  });

  it("finds nothing between an object and itself, and what one way takes but the other removes is new", () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        expect(compareFields(kind, a, structuredClone(a))).to.deep.equal({ taken: undefined, removed: undefined });
        const [there, back] = [compareFields(kind, a, b), compareFields(kind, b, a)];
        const [taken, removed] = [show(there.taken), new Set(show(back.removed))];
        expect(taken.filter((field) => removed.has(field))).to.have.length(removed.size);
        const modified = taken.filter((field) => !removed.has(field));
        expect(show(back.taken)).to.include.members(modified);
      }),
    );
  });
});

describe("the fields of a configuration", () => {
  const cases: readonly (readonly [title: string, value: object, fields: readonly string[]])[] = [
    ["leaves only", { inner: { text: "a" }, count: 1 }, [".count", ".inner.text"]],
    ["entries of maps", { labels: { x: "1" } }, [".labels.x"]],
    [
      "items, and what they hold",
      { items: [{ name: "a", value: "1" }] },
      ['.items[name="a"]', '.items[name="a"].name', '.items[name="a"].value'],
    ],
    ["items of sets", { finalizers: ["a"] }, ['.finalizers[="a"]']],
    [
      "atomic values as a whole",
      { selector: { x: "1" }, args: [], owner: { kind: "a" } },
      [".args", ".owner", ".selector"],
    ],
    ["nulls and empty objects", { labels: null, choice: {}, text: null }, [".choice", ".labels", ".text"]],
    ["no empty lists", { items: [], finalizers: [] }, []],
  ];
  for (const [title, value, fields] of cases) {
    it(`are ${title}`, () => expect(show(fieldsOf(kindOf(schema), value))).to.deep.equal(fields));
  }
});

describe("a field that takes its type apart", () => {
  it("has an owner for each part, unlike the type elsewhere", () => {
    const reference = { kind: "PersistentVolumeClaim", name: "c" };
    const claimRef = fieldsOf(kindOf(persistentVolumes.schema), { spec: { claimRef: reference } });
    const involved = fieldsOf(kindOf(events.schema), { involvedObject: reference });
    expect(show(claimRef)).to.include.members([".spec.claimRef.kind", ".spec.claimRef.name"]);
    expect(show(involved)).to.deep.equal([".involvedObject"]);
  });
});
