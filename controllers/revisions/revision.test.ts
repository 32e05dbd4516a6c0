import { expect } from "chai";
import type { ControllerRevision } from "../../api/apps/controller-revision.ts";
import { statefulSets } from "../../api/apps/stateful-set.ts";
import { newStatefulSet } from "../../testing/stateful-set.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { buildRevision, dataOf, findPresent, revisionHash, sortRevisions, templateOf } from "./revision.ts";

const set = storedObject(statefulSets, newStatefulSet(1));
const kind = { owner: statefulSets, hashLabel: "controller.kubernetes.io/hash" };

describe("a ControllerRevision", () => {
  // By Go: fnv.New32 over the bytes, then rand.SafeEncodeString over the decimal digits.
  const hashes: readonly (readonly [object, number, string])[] = [
    [{}, 0, fnvText("{}0")],
    [{ b: 1, a: "x<y" }, 2, fnvText('{"a":"x\\u003cy","b":1}2')],
  ];
  for (const [data, count, expected] of hashes) {
    it(`has the hash ${expected} for ${JSON.stringify(data)} and ${count}`, () =>
      expect(revisionHash(data, count)).to.equal(expected));
  }

  it("is named after its owner and its hash, and carries the owner's annotations", () => {
    const metadata = { ...set.metadata, name: "a".repeat(250), annotations: { "kubernetes.io/change-cause": "why" } };
    const built = buildRevision(kind, { ...set, metadata }, { revision: 3, collisionCount: 0 });
    const hash = built.metadata.labels?.["controller.kubernetes.io/hash"] ?? "";
    expect(hash).to.match(/^[456789bcdf]{1,10}$/);
    expect(built.metadata.name).to.equal(`${"a".repeat(223)}-${hash}`);
    expect(built.metadata.labels).to.include({ app: "web" });
    expect(built.metadata.annotations).to.deep.equal({ "kubernetes.io/change-cause": "why" });
    expect(built.revision).to.equal(3);
  });

  it("gives the template back that it was made from", () => {
    const { data } = buildRevision(kind, set, { revision: 1, collisionCount: 0 });
    const template = templateOf({ metadata: { name: "r" }, data } as ControllerRevision);
    expect(template.spec).to.deep.equal(set.spec.template.spec);
    expect(template.metadata?.labels).to.deep.equal({ app: "web" });
  });

  it("that holds something else is refused", () => {
    for (const data of [undefined, {}, { spec: {} }, { spec: { template: {} } }]) {
      const revision = { metadata: { name: "odd" }, data } as ControllerRevision;
      expect(() => templateOf(revision)).to.throw("ControllerRevision odd holds no pod template");
    }
  });

  it("of the owner's template is the newest of its equals, whatever is left out or null", () => {
    const revisionOf = (revision: number, data: object) =>
      ({ metadata: { name: `r${revision}`, creationTimestamp: "" }, revision, data }) as unknown as ControllerRevision;
    const present = dataOf(set.spec.template);
    const { template } = (present as { spec: { template: { metadata: object } } }).spec;
    const withoutTime = { spec: { template: { ...template, metadata: { labels: { app: "web" } } } } };
    const sorted = sortRevisions([revisionOf(3, {}), revisionOf(2, withoutTime), revisionOf(1, present)]);
    expect(sorted.map(({ revision }) => revision)).to.deep.equal([1, 2, 3]);
    expect(findPresent(set, sorted)?.revision).to.equal(2);
  });
});

/** The same hash by big numbers, a digit at a time. */
function fnvText(text: string): string {
  let hash = 2166136261n;
  for (const byte of Buffer.from(text)) hash = ((hash * 16777619n) % 2n ** 32n) ^ BigInt(byte);
  return [...String(hash)].map((digit) => "456789bcdf"[Number(digit)]).join("");
}
