import { expect } from "chai";
import fc from "fast-check";
import { RowGroups } from "./row-groups.ts";

const bestOf = (groups: RowGroups) => {
  const found: (readonly number[])[] = [];
  groups.forEachBest((row, count, members) => {
    const equals = [...groups.equalsOf(row)].sort((a, b) => a - b);
    expect(equals).to.have.length(count).and.to.include(row);
    expect(members).to.be.at.least(count);
    found.push(equals);
  });
  return found.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
};

describe("RowGroups", () => {
  it("gives the best rows of each group", () => {
    const groups = new RowGroups();
    groups.put(0, "a", 5);
    groups.put(1, "a", 7);
    groups.put(2, "b", 1);
    groups.put(3, "a", 7);
    expect(bestOf(groups)).to.deep.equal([[1, 3], [2]]);
    const sizes: number[] = [];
    groups.forEachBest((_row, _equals, members) => sizes.push(members));
    expect(sizes).to.deep.equal([3, 1]);
  });

  it("finds the next best when a row gets worse, and forgets groups that are empty", () => {
    const groups = new RowGroups();
    groups.put(0, "a", 5);
    groups.put(1, "a", 7);
    groups.put(1, "a", 3);
    expect(bestOf(groups)).to.deep.equal([[0]]);
    groups.put(0, "b", 5);
    groups.remove(1);
    expect(groups.size).to.equal(1);
    expect(bestOf(groups)).to.deep.equal([[0]]);
  });

  it("shows after any changes what a list of all rows shows", () => {
    const change = fc.record({
      row: fc.nat({ max: 12 }),
      to: fc.option(fc.record({ key: fc.constantFrom("a", "b", "c"), points: fc.nat({ max: 3 }) }), { freq: 4 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
        const groups = new RowGroups();
        const rows = new Map<number, { key: string; points: number }>();
        for (const { row, to } of changes) {
          if (to) rows.set(row, to);
          else rows.delete(row);
          if (to) groups.put(row, to.key, to.points);
          else groups.remove(row);
          const expected = ["a", "b", "c"].flatMap((key) => {
            const members = [...rows].filter(([, each]) => each.key === key);
            const best = Math.max(...members.map(([, { points }]) => points));
            const equals = members.filter(([, { points }]) => points === best).map(([each]) => each);
            return equals.length > 0 ? [equals.sort((a, b) => a - b)] : [];
          });
          expect(bestOf(groups)).to.deep.equal(expected.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0)));
        }
      }),
    );
  });
});
