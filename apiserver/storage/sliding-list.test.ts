import { expect } from "chai";
import { SlidingList } from "./sliding-list.ts";

describe("SlidingList", () => {
  const filled = (count: number) => {
    const list = new SlidingList<number>();
    for (let item = 0; item < count; item += 1) list.push(item * 10);
    return list;
  };

  it("keeps positions while its front is dropped", () => {
    const list = filled(5000);
    for (const position of [1, 2, 1500, 4999]) {
      list.dropBefore(position);
      expect(list.start).to.equal(position);
      expect(list.at(position)).to.equal(position * 10);
      expect(list.at(position - 1)).to.equal(undefined);
      expect(list.end).to.equal(5000);
    }
    list.push(7);
    expect(list.at(5000)).to.equal(7);
  });

  it("drops no further than its end, and never goes back", () => {
    const list = filled(3);
    list.dropBefore(10);
    list.dropBefore(1);
    expect([list.start, list.end]).to.deep.equal([3, 3]);
  });

  it("finds the first position that passes a test", () => {
    const list = filled(3000);
    list.dropBefore(2000);
    const first = (least: number) => list.search((item) => item >= least);
    expect([first(0), first(20_000), first(20_001), first(99_999)]).to.deep.equal([2000, 2000, 2001, 3000]);
  });
});
