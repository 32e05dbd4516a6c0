import { expect } from "chai";
import { DEFAULT_IMAGES, planCollection, planRemoval, verifyImageSettings, type OwnImage } from "./plan-collection.ts";

const MINUTE = 60_000;
const NOW = 60 * MINUTE;

const image = (name: string, more: Partial<OwnImage> = {}): OwnImage => ({
  name,
  sizeBytes: 10,
  inUse: false,
  firstSeenMs: 0,
  lastUsedMs: undefined,
  ...more,
});

const names = (images: readonly OwnImage[]) => images.map(({ name }) => name).join(" ");

const plan = (images: readonly OwnImage[], { available = 100, maxAgeMs = 0, sinceMs = 0 } = {}) => {
  const state = { images, disk: { available, capacity: 1000 }, nowMs: NOW, sinceMs };
  const { old, spare, bytesToFree } = planCollection({ ...DEFAULT_IMAGES, maxAgeMs }, state);
  return { old: names(old), spare: names(spare), bytesToFree };
};

describe("the plan of what images to remove", () => {
  it("is none while the disk is not as full as that", () => {
    expect(plan([image("a")], { available: 160 })).to.deep.equal({ old: "", spare: "", bytesToFree: 0 });
  });

  it("makes room down to the low threshold, from the high one on", () => {
    expect(plan([image("a")], { available: 150 })).to.deep.equal({ old: "", spare: "a", bytesToFree: 50 });
  });

  it("begins with what was never used, then with what was used longest ago, then with what is oldest", () => {
    const images = [
      image("recent", { lastUsedMs: NOW - MINUTE }),
      image("long", { lastUsedMs: NOW - 9 * MINUTE }),
      image("newer", { firstSeenMs: 10 * MINUTE }),
      image("older", { firstSeenMs: 5 * MINUTE }),
    ];
    expect(plan(images).spare).to.equal("older newer long recent");
  });

  it("keeps what is in use, and what has just come", () => {
    const images = [image("used", { inUse: true }), image("new", { firstSeenMs: NOW - MINUTE }), image("free")];
    expect(plan(images).spare).to.equal("free");
    expect(names(planRemoval(DEFAULT_IMAGES, { images, nowMs: NOW }))).to.equal("free");
  });

  it("removes what was not used for too long, once the kubelet has watched for as long", () => {
    const images = [image("stale", { lastUsedMs: NOW - 31 * MINUTE }), image("fresh", { lastUsedMs: NOW - MINUTE })];
    expect(plan(images, { available: 900, maxAgeMs: 30 * MINUTE }).old).to.equal("stale");
    expect(plan(images, { available: 900, maxAgeMs: 30 * MINUTE, sinceMs: NOW - 20 * MINUTE }).old).to.equal("");
  });

  it("says nothing of a disk that nobody knows", () => {
    const state = { images: [image("a")], disk: undefined, nowMs: NOW, sinceMs: 0 };
    expect(planCollection(DEFAULT_IMAGES, state).spare).to.deep.equal([]);
  });

  for (const [title, settings, message] of [
    ["thresholds the wrong way round", { lowPercent: 90 }, "90 must be less than imageGCHighThresholdPercent"],
    ["more than all", { highPercent: 101 }, "101 must be between 0 and 100, inclusive"],
    ["a greatest age below the least", { maxAgeMs: MINUTE }, "must be greater than imageMinimumGCAge"],
  ] as const) {
    it(`refuses ${title}`, () => {
      expect(() => verifyImageSettings({ ...DEFAULT_IMAGES, ...settings })).to.throw(message);
    });
  }
});
