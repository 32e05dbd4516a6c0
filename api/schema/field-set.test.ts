import { expect } from "chai";
import fc from "fast-check";
import {
  difference,
  differenceInDepth,
  has,
  intersection,
  pathsOf,
  readFieldSet,
  setOf,
  textOf,
  union,
  type FieldSet,
} from "./field-set.ts";
import { renderPath } from "./path-element.ts";

const path = fc.array(fc.constantFrom("f:a", "f:b", 'k:{"name":"x"}', 'v:"y"', "i:0"), { minLength: 1, maxLength: 3 });
const paths = fc.array(path, { maxLength: 8 });
const texts = (set: FieldSet | undefined) => new Set(pathsOf(set).map((each) => each.join("/")));
const isBelow = (text: string, root: string) => text === root || text.startsWith(`${root}/`);

describe("field sets", () => {
  it("are what managedFields holds", () => {
    const set = setOf([["f:b"], ["f:a", 'k:{"name":"x"}'], ["f:a", 'k:{"name":"x"}', "f:y"], ["f:a", 'v:"z"']]);
    expect(set).to.deep.equal({ "f:a": { 'k:{"name":"x"}': { ".": {}, "f:y": {} }, 'v:"z"': {} }, "f:b": {} });
  });

  it("are shared, and keep their text", () => {
    const [one, other] = [setOf([["f:b"], ["f:a"]]), setOf([["f:a"], ["f:b"]])];
    expect(one).to.equal(other);
    expect(one && textOf(one)).to.equal('{"f:a":{},"f:b":{}}');
  });

  const orders: readonly (readonly [title: string, elements: readonly string[]])[] = [
    ["the place itself, fields, keys, values, positions", [".", "f:z", 'k:{"a":1}', 'v:"a"', "i:0"]],
    [
      "numbers in keys by their size",
      ['k:{"containerPort":80,"protocol":"TCP"}', 'k:{"containerPort":443,"protocol":"TCP"}'],
    ],
    ["positions by their size", ["i:2", "i:10"]],
  ];
  for (const [title, elements] of orders) {
    it(`are ordered: ${title}`, () => {
      const set = setOf([...elements].reverse().map((element) => ["f:a", element]));
      expect(Object.keys(set?.["f:a"] ?? {})).to.deep.equal(elements);
    });
  }

  it("can be united, subtracted and intersected like the sets of their paths", () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        const [left, right] = [setOf(a), setOf(b)];
        const [one, two] = [texts(left), texts(right)];
        expect(texts(union(left, right))).to.deep.equal(new Set([...one, ...two]));
        expect(texts(difference(left, right))).to.deep.equal(new Set([...one].filter((each) => !two.has(each))));
        expect(texts(intersection(left, right))).to.deep.equal(new Set([...one].filter((each) => two.has(each))));
        const kept = [...one].filter((each) => ![...two].some((root) => isBelow(each, root)));
        expect(texts(differenceInDepth(left, right))).to.deep.equal(new Set(kept));
        for (const each of a) expect(has(left, each)).to.equal(true);
      }),
    );
  });

  it("stay the same object where nothing changes", () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        const set = setOf(a);
        expect(union(set, intersection(set, setOf(b)))).to.equal(set);
        expect(difference(set, difference(setOf(b), set))).to.equal(set);
      }),
    );
  });

  it("survive being written and read", () => {
    fc.assert(
      fc.property(paths, (a) => {
        const set = setOf(a);
        expect(readFieldSet(JSON.parse(set ? textOf(set) : "{}"))).to.deep.equal({ set });
      }),
    );
  });

  for (const wrong of [null, [], "f:a", { a: {} }, { "f:a": 1 }, { "f:a": [] }, { "k:x": {} }, { 'i:"x"': {} }]) {
    it(`are not read from ${JSON.stringify(wrong)}`, () => expect(readFieldSet(wrong)).to.equal(undefined));
  }

  it("are not read from a tree without end", () => {
    let tree = {};
    for (let depth = 0; depth < 1000; depth += 1) tree = { "f:a": tree };
    expect(readFieldSet(tree)).to.equal(undefined);
  });

  const rendered: readonly (readonly [elements: readonly string[], text: string])[] = [
    [["f:spec", "f:containers", 'k:{"name":"c"}', "f:image"], '.spec.containers[name="c"].image'],
    [["f:ports", 'k:{"containerPort":80,"protocol":"TCP"}'], '.ports[containerPort=80,protocol="TCP"]'],
    [["f:finalizers", 'v:"a/b"'], '.finalizers[="a/b"]'],
    [["f:list", "i:3"], ".list[3]"],
  ];
  for (const [elements, text] of rendered) {
    it(`are told to people as ${text}`, () => expect(renderPath(elements)).to.equal(text));
  }
});
