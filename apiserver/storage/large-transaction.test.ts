import { expect } from "chai";
import { partsOf } from "./large-transaction.ts";
import type { Transaction } from "./store.ts";

const transaction = (checks: number, writes: number): Transaction => ({
  checks: Array.from({ length: checks }, (_, index) => ({ key: `/${index}`, revision: index })),
  writes: Array.from({ length: writes }, (_, index) => ({ key: `/${index}`, value: undefined })),
});

describe("the parts of a transaction", () => {
  for (const [checks, writes, count] of [
    [0, 0, 1],
    [128, 128, 1],
    [129, 0, 2],
    [0, 129, 2],
    [252, 252, 2],
    [253, 200, 3],
    [4096, 4096, 64],
    [4097, 0, undefined],
    [0, 100_000, undefined],
  ] as const) {
    it(`are ${count ?? "none that etcd takes"} for ${checks} checks and ${writes} writes`, () => {
      const whole = transaction(checks, writes);
      const parts = partsOf(whole);
      expect(parts?.length).to.equal(count);
      if (!parts) return;
      const nested = parts.length === 1 ? 0 : parts.length;
      for (const part of parts) expect(nested + Math.max(part.checks.length, part.writes.length)).to.be.at.most(128);
      expect(parts.flatMap((part) => part.checks)).to.deep.equal(whole.checks);
      expect(parts.flatMap((part) => part.writes)).to.deep.equal(whole.writes);
    });
  }
});
