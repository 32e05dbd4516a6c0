import { expect } from "chai";
import { controllerOf, isControlledBy, ownerReferenceTo } from "./owner.ts";

const owner = { metadata: { name: "web", uid: "u1" } };
const reference = ownerReferenceTo(owner, { group: "apps", version: "v1", kind: "ReplicaSet" });

describe("owner references", () => {
  it("name the owner as its managing controller", () => {
    expect(reference).to.deep.equal({
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      name: "web",
      uid: "u1",
      controller: true,
      blockOwnerDeletion: true,
    });
  });

  it("have one controller among them at most, told by its uid", () => {
    const other = { ...reference, uid: "u2", controller: false };
    const object = { metadata: { ownerReferences: [other, reference] } };
    expect(controllerOf(object)).to.equal(reference);
    expect(isControlledBy(object, owner)).to.equal(true);
    expect(isControlledBy(object, { metadata: { uid: "u2" } })).to.equal(false);
    expect(controllerOf({ metadata: {} })).to.equal(undefined);
  });
});
