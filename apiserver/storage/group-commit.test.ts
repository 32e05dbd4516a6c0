import { expect } from "chai";
import { planGroup, type GroupState } from "./group-commit.ts";
import type { Check, Write } from "./store.ts";

const value = Buffer.from("x");
const put = (key: string): Write => ({ key, value });
const remove = (key: string): Write => ({ key, value: undefined });
const transaction = (checks: readonly Check[], ...writes: Write[]) => ({ checks, writes });

describe("planGroup", () => {
  const state: GroupState = {
    revision: 10,
    head: (key) => (key === "old" ? { revision: 7, createRevision: 3 } : undefined),
  };
  const plan = (...transactions: Parameters<typeof planGroup>[0]) =>
    planGroup(transactions, state).map((each) =>
      each.conflict !== undefined
        ? `conflict ${each.conflict}`
        : `${each.revision}: ${each.writes.map((write) => `${write.key}@${write.createRevision}`).join(" ")}`,
    );

  it("numbers transactions in order and keeps the revision of a key's creation", () => {
    expect(plan(transaction([], put("old")), transaction([], put("new")), transaction([], put("new")))).to.deep.equal([
      "11: old@3",
      "12: new@12",
      "13: new@12",
    ]);
  });

  it("checks each transaction against the ones before it in the group", () => {
    const check = { key: "old", revision: 7 };
    expect(
      plan(
        transaction([check], put("old")),
        transaction([check], put("old")),
        transaction([{ key: "old", revision: 11 }], put("old")),
      ),
    ).to.deep.equal(["11: old@3", "conflict old", "12: old@3"]);
  });

  it("sees what the group has deleted", () => {
    expect(
      plan(
        transaction([], remove("old")),
        transaction([], remove("old")),
        transaction([{ key: "old", revision: 0 }], put("old")),
      ),
    ).to.deep.equal(["11: old@0", "11: ", "12: old@12"]);
  });

  it("uses up no revision for conflicts and for what changes nothing", () => {
    expect(
      plan(
        transaction([{ key: "old", revision: 0 }], put("a")),
        transaction([], remove("missing")),
        transaction([], put("b")),
      ),
    ).to.deep.equal(["conflict old", "10: ", "11: b@11"]);
  });
});
