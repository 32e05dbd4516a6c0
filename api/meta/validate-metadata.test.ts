import { expect } from "chai";
import { subdomainProblems } from "./names.ts";
import { validateMetadata } from "./validate-metadata.ts";

const rules = { name: subdomainProblems };
const messages = (metadata: object, old?: object) =>
  validateMetadata({ metadata }, old && { metadata: old }, rules).map(({ path, message }) => `${path}: ${message}`);
const named = { name: "a", namespace: "n" };

describe("the validation of metadata", () => {
  it("accepts what is well formed", () => {
    const full = {
      ...named,
      labels: { "app.io/name": "x", empty: "" },
      annotations: { "Any.io/Key": "any text" },
      finalizers: ["foregroundDeletion", "a.io/b"],
      ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "r", uid: "u", controller: true }],
    };
    expect(messages(full)).to.deep.equal([]);
  });

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ["no name", { namespace: "n" }, ["metadata.name: Required value: name or generateName is required"]],
    ["no namespace", { name: "a" }, ["metadata.namespace: Required value"]],
    [
      "a label's value of 64 characters",
      { ...named, labels: { a: "x".repeat(64) } },
      [`metadata.labels: Invalid value: "${"x".repeat(64)}": must be no more than 63 characters`],
    ],
    [
      "too many bytes of annotations",
      { ...named, annotations: { a: "x".repeat(256 * 1024) } },
      ["metadata.annotations: Too long: may not be more than 262144 bytes"],
    ],
    [
      "a finalizer without a domain",
      { ...named, finalizers: ["mine"] },
      [
        'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
      ],
    ],
    [
      "two finalizers that contradict",
      { ...named, finalizers: ["orphan", "foregroundDeletion"] },
      [
        'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and finalizer foregroundDeletion cannot be both set',
      ],
    ],
    [
      "an owner that is not named in full",
      { ...named, ownerReferences: [{ apiVersion: "apps/", kind: "", name: "", uid: "" }] },
      [
        'metadata.ownerReferences[0].apiVersion: Invalid value: "apps/": version must not be empty',
        'metadata.ownerReferences[0].kind: Invalid value: "": must not be empty',
        'metadata.ownerReferences[0].name: Invalid value: "": must not be empty',
        'metadata.ownerReferences[0].uid: Invalid value: "": must not be empty',
      ],
    ],
    [
      "a generation below zero",
      { ...named, generation: -1 },
      ["metadata.generation: Invalid value: -1: must be greater than or equal to 0"],
    ],
  ];
  for (const [title, metadata, expected] of cases) {
    it(`refuses ${title}`, () => {
      expect(messages(metadata)).to.deep.equal(expected);
    });
  }

  it("allows the prefix of a generated name to end in a hyphen", () => {
    expect(messages({ ...named, generateName: "web-" })).to.deep.equal([]);
    expect(messages({ ...named, generateName: "Web-" })).to.have.length(1);
  });

  it("refuses two controllers", () => {
    const owner = { apiVersion: "v1", kind: "Pod", uid: "u", controller: true };
    const ownerReferences = ["a", "b"].map((name) => ({ ...owner, name }));
    expect(messages({ ...named, ownerReferences })[0]).to.contain('Found "true" in references for a and b');
  });

  it("keeps names, and lets no finalizer be added once the object is being deleted", () => {
    const old = { ...named, uid: "u", deletionTimestamp: "1970-01-01T00:00:00Z" };
    expect(messages({ ...old, name: "b", finalizers: ["a.io/b"] }, old)).to.deep.equal([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.io/b"}',
      'metadata.name: Invalid value: "b": field is immutable',
    ]);
  });
});
