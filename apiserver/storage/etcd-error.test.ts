import { expect } from "chai";
import { etcdError, isCompacted, isFuture } from "./etcd-error.ts";
import { Compacted, TooLarge, Unavailable } from "./store.ts";

describe("etcdError", () => {
  const cases = [
    { text: "14 UNAVAILABLE: No connection established", type: Unavailable },
    { text: "etcdserver: request timed out", type: Unavailable },
    { text: "8 RESOURCE_EXHAUSTED: etcdserver: mvcc: database space exceeded", type: Unavailable },
    { text: "3 INVALID_ARGUMENT: etcdserver: request is too large", type: TooLarge },
    { text: "8 RESOURCE_EXHAUSTED: grpc: received message larger than max (4000062 vs. 2097152)", type: TooLarge },
    { text: "3 INVALID_ARGUMENT: etcdserver: too many operations in txn request", type: TooLarge },
  ];
  for (const { text, type } of cases) {
    it(`makes ${type.name} of "${text}", and keeps text and cause`, () => {
      const cause = new Error(text);
      const error = etcdError(cause);
      expect(error).to.be.instanceOf(type);
      expect(error.message).to.include(text);
      expect(error.cause).to.equal(cause);
    });
  }

  it("tells the two errors about revisions apart, wrapped or not", () => {
    const compacted = new Error("11 OUT_OF_RANGE: etcdserver: mvcc: required revision has been compacted");
    const future = new Error("11 OUT_OF_RANGE: etcdserver: mvcc: required revision is a future revision");
    for (const wrap of [(error: Error) => error, etcdError]) {
      expect([isCompacted(wrap(compacted)), isFuture(wrap(compacted))]).to.deep.equal([true, false]);
      expect([isCompacted(wrap(future)), isFuture(wrap(future))]).to.deep.equal([false, true]);
    }
  });

  it("leaves the store's own errors as they are", () => {
    const error = new Compacted(7);
    expect(etcdError(error)).to.equal(error);
  });
});
