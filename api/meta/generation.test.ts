import { expect } from "chai";
import { withGeneration } from "./generation.ts";

const object = (spec: unknown, generation?: number) => ({
  apiVersion: "v1",
  kind: "Thing",
  metadata: {
    name: "x",
    uid: "u",
    resourceVersion: "1",
    creationTimestamp: "2026-01-01T00:00:00Z",
    ...(generation !== undefined && { generation }),
  },
  spec,
});
const generationOf = (next: unknown, old: unknown, sent?: number) =>
  withGeneration(object(next, sent), object(old, 4), ({ spec }) => spec).metadata.generation;

describe("metadata.generation", () => {
  it("starts at 1, whatever the client sent", () => {
    expect(withGeneration(object({}, 7), undefined, ({ spec }) => spec).metadata.generation).to.equal(1);
  });
  it("grows by one when the counted part changes", () => {
    expect(generationOf({ a: 2 }, { a: 1 })).to.equal(5);
  });
  it("stays when nothing changes, whatever the client sent", () => {
    expect(generationOf({ a: 1 }, { a: 1 })).to.equal(4);
    expect(generationOf({ a: 1 }, { a: 1 }, 9)).to.equal(4);
  });
});
