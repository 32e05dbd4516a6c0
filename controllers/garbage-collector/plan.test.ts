import { expect } from "chai";
import type { KubeObject } from "../../api/meta/object.ts";
import {
  blocks,
  FOREGROUND,
  isWaitingFor,
  ORPHAN,
  planCollection,
  type CollectionPlan,
  type OwnerState,
} from "./plan.ts";

function object(more: Partial<KubeObject["metadata"]> = {}): KubeObject {
  const metadata = { name: "x", uid: "x", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z", ...more };
  return { apiVersion: "v1", kind: "ConfigMap", metadata };
}

const reference = (uid: string, blockOwnerDeletion?: boolean) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  name: uid,
  uid,
  ...(blockOwnerDeletion !== undefined && { blockOwnerDeletion }),
});
const owner = (state: OwnerState) => ({ state, reference: reference(state) });
const deleting = { deletionTimestamp: "2026-01-01T00:00:00Z" };

describe("what becomes of an object", () => {
  const leaf: readonly KubeObject[] = [];
  const parent = [object({ name: "child" })];
  const waiting = [object({ ...deleting, finalizers: [FOREGROUND] })];
  const background: CollectionPlan = { action: "delete", propagation: "Background" };
  const table: [string, KubeObject, OwnerState[], readonly KubeObject[], CollectionPlan][] = [
    ["without owners", object(), [], leaf, { action: "keep" }],
    ["whose owner is there", object(), ["present"], leaf, { action: "keep" }],
    ["whose owner is gone", object(), ["absent"], leaf, background],
    ["whose owners are all gone", object(), ["absent", "absent"], leaf, background],
    ["that is being deleted already", object(deleting), ["absent"], leaf, { action: "keep" }],
    ["of an owner that nothing is known of", object(), ["unknown", "absent"], leaf, { action: "keep" }],
    ["of one owner that is gone", object(), ["present", "absent"], leaf, { action: "release", uids: ["absent"] }],
    [
      "of one owner that waits, and one that stays",
      object(),
      ["present", "deleting-in-foreground"],
      leaf,
      { action: "release", uids: ["deleting-in-foreground"] },
    ],
    ["that its owner waits for", object(), ["deleting-in-foreground"], leaf, background],
    [
      "that its owner waits for, with dependents of its own",
      object(),
      ["deleting-in-foreground"],
      parent,
      { action: "delete", propagation: "Foreground" },
    ],
    [
      "that closes a circle",
      object({ ownerReferences: [reference("a", true)] }),
      ["deleting-in-foreground"],
      waiting,
      { action: "unblock" },
    ],
    [
      "in a circle that is open",
      object({ ownerReferences: [reference("a", false)] }),
      ["deleting-in-foreground"],
      waiting,
      { action: "delete", propagation: "Foreground" },
    ],
    [
      "that was to be orphaning",
      object({ finalizers: [ORPHAN] }),
      ["absent"],
      leaf,
      { action: "delete", propagation: "Orphan" },
    ],
    [
      "that was to go in the foreground",
      object({ finalizers: [FOREGROUND] }),
      ["absent"],
      leaf,
      { action: "delete", propagation: "Foreground" },
    ],
  ];
  for (const [what, subject, states, dependents, expected] of table) {
    it(`${what}: ${expected.action}`, () => {
      expect(planCollection(subject, { owners: states.map(owner), dependents })).to.deep.equal(expected);
    });
  }
});

describe("waiting for dependents", () => {
  it("needs both the finalizer and the deletion", () => {
    expect(isWaitingFor(object({ ...deleting, finalizers: [FOREGROUND] }), FOREGROUND)).to.equal(true);
    expect(isWaitingFor(object({ finalizers: [FOREGROUND] }), FOREGROUND)).to.equal(false);
    expect(isWaitingFor(object(deleting), FOREGROUND)).to.equal(false);
    expect(isWaitingFor(object({ ...deleting, finalizers: [ORPHAN] }), FOREGROUND)).to.equal(false);
  });

  it("is for dependents that block this owner", () => {
    const dependent = object({ ownerReferences: [reference("a", true), reference("b", false), reference("c")] });
    expect(["a", "b", "c", "d"].map((uid) => blocks(dependent, uid))).to.deep.equal([true, false, false, false]);
  });
});
