import { expect } from "chai";
import { ProbeCounts } from "./probe-counts.ts";

const { signal } = new AbortController();

describe("the counts of probes", () => {
  it("tell how often each ended how, extra looks left out", async () => {
    const counts = new ProbeCounts("main");
    const ends = async (kind: "liveness" | "startup", ok: boolean | undefined, isExtra = false) => {
      const look = () =>
        ok === undefined ? Promise.reject(new Error("nothing learnt")) : Promise.resolve({ ok, message: "" });
      await counts.count(kind, { signal, isExtra }, look).catch((error: Error) => {
        expect(error.message).to.equal("nothing learnt");
      });
    };
    await ends("startup", true);
    await ends("liveness", true);
    await ends("liveness", true);
    await ends("liveness", false);
    await ends("liveness", undefined);
    await ends("liveness", false, true);
    const of = { podUid: "u1", container: "main" };
    expect(counts.list("u1")).to.have.deep.members([
      { ...of, type: "Startup", result: "successful", count: 1 },
      { ...of, type: "Liveness", result: "successful", count: 2 },
      { ...of, type: "Liveness", result: "failed", count: 1 },
      { ...of, type: "Liveness", result: "unknown", count: 1 },
    ]);
  });
});
