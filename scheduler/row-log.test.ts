import { expect } from "chai";
import { RowLog } from "./row-log.ts";

describe("RowLog", () => {
  const since = (log: RowLog, position: number) => {
    const rows: number[] = [];
    return log.forEachSince(position, (row) => rows.push(row)) ? rows : undefined;
  };

  it("tells what has changed since a position", () => {
    const log = new RowLog();
    log.record(3);
    const { position } = log;
    log.record(1);
    log.record(1);
    expect(since(log, position)).to.deep.equal([1, 1]);
    expect(since(log, log.position)).to.deep.equal([]);
  });

  it("remembers the last 4,096 changes at least, and says so where it has forgotten", () => {
    const log = new RowLog();
    for (let row = 0; row < 20_000; row++) log.record(row);
    expect(log.position).to.equal(20_000);
    expect(since(log, 20_000 - 4096))
      .to.have.length(4096)
      .and.to.include(19_999);
    expect(since(log, 0)).to.equal(undefined);
  });
});
