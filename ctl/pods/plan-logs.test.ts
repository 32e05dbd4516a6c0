import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { asStored, newPod } from "../../testing/builders.ts";
import { buildLogQuery, planLogSources, type LogOptions } from "./plan-logs.ts";
import { wholeLines } from "./read-logs.ts";

const plain: LogOptions = {
  follow: false,
  previous: false,
  timestamps: false,
  tail: undefined,
  sinceMs: undefined,
  sinceTime: undefined,
  limitBytes: undefined,
  container: undefined,
  allContainers: false,
};
const given = (query: object) => Object.fromEntries(Object.entries(query).filter(([, value]) => value));

describe("a request for logs", () => {
  for (const { options, isSelected = false, query } of [
    { options: {}, query: {} },
    { options: {}, isSelected: true, query: { tailLines: 10 } },
    { options: { tail: 5 }, isSelected: true, query: { tailLines: 5 } },
    { options: { tail: -1 }, isSelected: true, query: {} },
    { options: { sinceMs: 1500 }, query: { sinceSeconds: 2 } },
    { options: { follow: true, timestamps: true }, query: { follow: true, timestamps: true } },
  ]) {
    it(`with ${JSON.stringify(options)}${isSelected ? " of selected pods" : ""} asks for ${JSON.stringify(query)}`, () => {
      expect(given(buildLogQuery({ ...plain, ...options }, isSelected))).to.deep.equal(query);
    });
  }

  for (const { options, message } of [
    { options: { tail: -5 }, message: "--tail must be greater than or equal to -1" },
    {
      options: { sinceMs: 1, sinceTime: "2026-01-01T00:00:00Z" },
      message: "at most one of `sinceTime` or `sinceSeconds`",
    },
    { options: { sinceTime: "yesterday" }, message: "--since-time must be a time as in RFC 3339" },
  ]) {
    it(`with ${JSON.stringify(options)} is refused`, () => {
      expect(() => buildLogQuery({ ...plain, ...options }, false)).to.throw(message);
    });
  }
});

describe("the sources of logs", () => {
  const containers = [
    { name: "main", image: "i", resources: {} },
    { name: "side", image: "i", resources: {} },
  ];
  const pod: Pod = asStored(
    newPod("web", { spec: { containers, initContainers: [{ name: "init", image: "i", resources: {} }] } }),
  );
  const namesOf = (options: Partial<LogOptions>) =>
    planLogSources([pod], { ...plain, ...options }).sources.map(({ container }) => container);

  it("are the container named, the default one, or all in the order in which they run", () => {
    expect(namesOf({ container: "side" })).to.deep.equal(["side"]);
    expect(namesOf({})).to.deep.equal(["main"]);
    expect(namesOf({ allContainers: true })).to.deep.equal(["init", "main", "side"]);
  });

  it("are refused for containers that the pod does not have", () => {
    expect(() => namesOf({ container: "nope" })).to.throw("container nope is not valid for pod web");
  });
});

describe("whole lines", () => {
  async function* chunks(...texts: readonly string[]) {
    for (const text of texts) yield await Promise.resolve(Buffer.from(text));
  }

  for (const [texts, lines] of [
    [["a\nb\n"], ["a\n", "b\n"]],
    [
      ["a", "b\nc", "\n"],
      ["ab\n", "c\n"],
    ],
    [["a\nb"], ["a\n", "b\n"]],
    [["\n\n"], ["\n", "\n"]],
    [[], []],
  ] as const) {
    it(`are put together from ${JSON.stringify(texts)}`, async () => {
      const found: string[] = [];
      for await (const line of wholeLines(chunks(...texts))) found.push(Buffer.from(line).toString());
      expect(found).to.deep.equal(lines);
    });
  }
});
