import { expect } from "chai";
import fc from "fast-check";
import { compareKeys, SortedMap } from "./sorted-map.ts";

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe("compareKeys", () => {
  it("orders as UTF-8 bytes do", () => {
    const text = fc.string({ unit: "binary", maxLength: 4 });
    fc.assert(fc.property(text, text, (a, b) => Math.sign(compareKeys(a, b)) === byBytes(a, b)));
    expect(compareKeys("\u{1f600}", "\uffee")).to.be.greaterThan(0);
  });
});

describe("SortedMap", () => {
  it("behaves as a plain map whose keys are sorted", () => {
    const key = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 6 });
    const step = fc.record({ key, remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), key, (steps, prefix) => {
        const map = new SortedMap<number>();
        const model = new Map<string, number>();
        steps.forEach((each, index) => {
          if (each.remove) expect(map.delete(each.key)).to.equal(model.delete(each.key));
          else void (map.set(each.key, index), model.set(each.key, index));
        });
        const sorted = [...model].sort(([a], [b]) => byBytes(a, b));
        expect([...map.from("")]).to.deep.equal(sorted);
        expect([...map.withPrefix(prefix)]).to.deep.equal(sorted.filter(([each]) => each.startsWith(prefix)));
        expect(map.countWithPrefix(prefix)).to.equal(sorted.filter(([each]) => each.startsWith(prefix)).length);
        const from = `${prefix}a`;
        expect(map.countWithPrefix(prefix, from)).to.equal([...map.withPrefix(prefix, from)].length);
        expect(map.size).to.equal(model.size);
      }),
    );
  });

  it("stays sorted over many blocks, whatever the order of arrival", () => {
    const names = Array.from({ length: 5000 }, (_, index) => `k${(index * 7919) % 5000}`.padStart(6, "0"));
    for (const arrival of [names, [...names].sort(), [...names].sort().reverse()]) {
      const map = new SortedMap<string>();
      for (const name of arrival) map.set(name, name);
      for (const name of names.slice(0, 2500)) map.delete(name);
      const expected = names.slice(2500).sort();
      expect([...map.from("")].map(([name]) => name)).to.deep.equal(expected);
      expect([...map.from(expected[1200] ?? "")].length).to.equal(1300);
      expect([...map.withPrefix("", "~")]).to.deep.equal([]);
    }
  });
});
