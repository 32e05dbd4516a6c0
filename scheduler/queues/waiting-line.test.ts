import { expect } from "chai";
import { WaitingLine, type WaitingUnit } from "./waiting-line.ts";

const unit = (key: string, cpu: number, rest: Partial<WaitingUnit> = {}): WaitingUnit => ({
  key,
  uids: [key],
  amounts: { cpu },
  priority: 0,
  queue: "q",
  ...rest,
});

/** Agrees to units until so much is given away. */
function upTo(cpu: number): (unit: WaitingUnit) => boolean {
  let left = cpu;
  return ({ amounts }) => {
    const fits = (amounts.cpu ?? 0) <= left;
    if (fits) left -= amounts.cpu ?? 0;
    return fits;
  };
}

describe("the pods that a queue's maximum keeps waiting", () => {
  let line: WaitingLine;
  beforeEach(() => {
    line = new WaitingLine();
  });
  const release = (cpu: number, queue = "q") => line.release(queue, upTo(cpu)).map(({ key }) => key);

  it("go on by priority, then in the order in which they came, as many as fit", () => {
    for (const key of ["a", "b", "c"]) line.add(unit(key, 1));
    line.add(unit("urgent", 1, { priority: 5 }));
    expect(release(2)).to.deep.equal(["urgent", "a"]);
    expect(release(5)).to.deep.equal(["b", "c"]);
    expect(release(5)).to.deep.equal([]);
  });

  it("are not kept waiting by a larger one before them", () => {
    line.add(unit("large", 3));
    line.add(unit("small", 1));
    expect(release(2)).to.deep.equal(["small"]);
    expect(release(3)).to.deep.equal(["large"]);
  });

  it("wait for their own queue only", () => {
    line.add(unit("a", 1));
    expect(release(9, "other")).to.deep.equal([]);
  });

  it("wait no more when they are gone, nor does what was to be placed together with them", () => {
    line.add(unit("g", 2, { uids: ["g1", "g2"] }));
    line.add(unit("a", 1));
    line.removePod("g2");
    line.remove("a");
    expect(release(9)).to.deep.equal([]);
    expect(line.releaseAll()).to.deep.equal([]);
  });

  it("have the newest place when they are added again", () => {
    line.add(unit("a", 1));
    line.add(unit("b", 1));
    line.add(unit("a", 1));
    expect(release(9)).to.deep.equal(["b", "a"]);
  });

  it("are asked no more often than they go on, though there are ten thousand", () => {
    for (let index = 0; index < 10_000; index++) line.add(unit(`p${index}`, 1));
    let asked = 0;
    line.release("q", () => ++asked <= 3);
    expect(asked).to.equal(4);
  });
});
