import { getMaxListeners } from "node:events";
import { expect } from "chai";
import { sharedAbortController } from "./shared-abort.ts";

describe("a shared abort controller", () => {
  it("has a signal that any number may listen to", () => {
    const { signal } = sharedAbortController();
    expect(getMaxListeners(signal)).to.equal(0);
  });

  it("tells all of them", () => {
    const controller = sharedAbortController();
    let told = 0;
    for (let listener = 0; listener < 100; listener++) controller.signal.addEventListener("abort", () => told++);
    controller.abort();
    expect(told).to.equal(100);
  });
});
