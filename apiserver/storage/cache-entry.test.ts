import { expect } from "chai";
import type { KubeObject } from "../../api/meta/object.ts";
import { encodeStored } from "../stored-object.ts";
import { atRevision, CachedEntry } from "./cache-entry.ts";

const METADATA = { name: "a", uid: "u", creationTimestamp: "2026-01-01T00:00:00Z", resourceVersion: "3" };
const objects: readonly (readonly [title: string, object: object])[] = [
  ["an object", { apiVersion: "v1", kind: "ConfigMap", metadata: METADATA, data: { a: "b" } }],
  [
    "text that looks like metadata",
    { apiVersion: "v1", kind: 'x"metadata":{', metadata: METADATA, data: { metadata: "{" } },
  ],
  [
    "characters of several bytes",
    { apiVersion: "v1", kind: "K\u00e9\u{1f600}", metadata: METADATA, data: { "\u00e9": "\u{1f600}" } },
  ],
];

describe("the bytes of a version that has just been stored", () => {
  for (const [title, object] of objects) {
    it(`are those stored, and the revision: ${title}`, () => {
      const stored = encodeStored(object as KubeObject);
      const version = { key: "k", object: atRevision(stored.object, 7), revision: 7 };
      const entry = CachedEntry.ofStored(version, stored.bytes);
      const text = Buffer.from(entry.bytes()).toString();
      expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(version.object)));
      expect(JSON.parse(text)).to.have.nested.property("metadata.resourceVersion", "7");
      expect(entry.bytes()).to.equal(entry.bytes());
    });
  }
});
