import { expect } from "chai";
import fc from "fast-check";
import { events } from "../../api/core/event.ts";
import { persistentVolumes } from "../../api/core/persistent-volume.ts";
import { fieldsOf } from "./applied-fields.ts";
import { compareFields, takenBy } from "./compare-fields.ts";
import { pathsOf } from "./field-set.ts";
import { kindOf } from "./field-kind.ts";
import { fieldsOfNew } from "./new-fields.ts";
import { structKindOf } from "./owned-kind.ts";
import { renderPath } from "./path-element.ts";
import { fieldsSchema as schema, sample } from "./fields-fixture.ts";

const kind = structKindOf(schema);
const show = (fields: Parameters<typeof pathsOf>[0]) => pathsOf(fields).map(renderPath);

describe("comparing objects by their fields", () => {
  type Case = readonly [
    title: string,
    before: object,
    after: object,
    changes: { readonly added?: string[]; readonly modified?: string[]; readonly removed?: string[] },
  ];
  const cases: readonly Case[] = [
    ["equal ones", { text: "a", labels: { x: "1" } }, { text: "a", labels: { x: "1" } }, {}],
    ["a field that is added", {}, { text: "a" }, { added: [".text"] }],
    ["a field that is changed", { text: "a" }, { text: "b" }, { modified: [".text"] }],
    ["a field that is removed", { text: "a" }, {}, { removed: [".text"] }],
    ["a map that is added, with its entries", {}, { labels: { x: "1" } }, { added: [".labels", ".labels.x"] }],
    [
      "an entry that is added to a map",
      { labels: { x: "1" } },
      { labels: { x: "1", y: "2" } },
      { added: [".labels.y"] },
    ],
    ["a map that is removed", { labels: { x: "1" } }, {}, { removed: [".labels", ".labels.x"] }],
    ["an empty map, which is none", {}, { labels: {} }, {}],
    ["an atomic map", { selector: { x: "1" } }, { selector: { x: "2", y: "3" } }, { modified: [".selector"] }],
    ["an atomic object", {}, { owner: { kind: "a" } }, { added: [".owner"] }],
    ["an atomic list", { args: ["a"] }, { args: ["a", "b"] }, { modified: [".args"] }],
    [
      "an item of a set",
      { finalizers: ["a"] },
      { finalizers: ["b"] },
      { added: ['.finalizers[="b"]'], removed: ['.finalizers[="a"]'] },
    ],
    [
      "an item of a list of maps",
      { items: [{ name: "a", value: "1" }] },
      { items: [{ name: "a", value: "2" }, { name: "b" }] },
      { modified: ['.items[name="a"].value'], added: ['.items[name="b"]', '.items[name="b"].name'] },
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
        added: [
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
      { modified: ['.items[name="a"]'] },
    ],
    [
      "items of one name that become one",
      { items: [{ name: "a" }, { name: "a" }] },
      { items: [{ name: "a" }] },
      { added: ['.items[name="a"]', '.items[name="a"].name'], removed: ['.items[name="a"]'] },
    ],
    ["an object that Go never leaves out", {}, { inner: { text: "a" } }, { added: [".inner.text"] }],
    ["an object that Go can leave out", {}, { choice: { text: "a" } }, { added: [".choice", ".choice.text"] }],
    ["an empty object, which is a choice", {}, { choice: {} }, { added: [".choice"] }],
    [
      "a list that Go never leaves out",
      {},
      { needed: [{ name: "a" }] },
      { added: ['.needed[name="a"]', '.needed[name="a"].name'] },
    ],
    ["a field that the kind does not have", {}, { other: 1 }, {}],
  ];
  for (const [title, before, after, { added = [], modified = [], removed = [] }] of cases) {
    it(`finds ${title}`, () => {
      const changes = compareFields(kind, before, after);
      const shown = { added: show(changes.added), modified: show(changes.modified), removed: show(changes.removed) };
      expect(shown).to.deep.equal({ added, modified, removed });
    });
  }

  it("gives for a new object what it gives for an empty one that is filled", () => {
    fc.assert(
      fc.property(sample, (value) => {
        expect(show(fieldsOfNew(kind, value))).to.deep.equal(show(takenBy(compareFields(kind, {}, value))));
      }),
    );
  });

  it("finds nothing between an object and itself, and mirrors what it finds", () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        expect(compareFields(kind, a, structuredClone(a))).to.deep.equal({
          added: undefined,
          modified: undefined,
          removed: undefined,
        });
        const [there, back] = [compareFields(kind, a, b), compareFields(kind, b, a)];
        expect([there.added, there.removed, there.modified]).to.deep.equal([back.removed, back.added, back.modified]);
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
