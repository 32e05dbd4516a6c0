import { expect } from "chai";
import { containerStatusOf, isPodActive, isPodAvailable, isPodReady, isPodTerminal } from "./pod-state.ts";
import type { PodStatus } from "./pod-status.ts";

const readySince = (lastTransitionTime?: string): { status: PodStatus } => ({
  status: { conditions: [{ type: "Ready", status: "True", ...(lastTransitionTime && { lastTransitionTime }) }] },
});
const metadata = { name: "p", uid: "u", resourceVersion: "1", creationTimestamp: "1970-01-01T00:00:00Z" };

describe("a pod's state", () => {
  it("is terminal in the phases Succeeded and Failed only", () => {
    const phases = ["Pending", "Running", "Succeeded", "Failed", "Unknown"] as const;
    expect(phases.filter((phase) => isPodTerminal({ status: { phase } }))).to.deep.equal(["Succeeded", "Failed"]);
  });

  it("is active until it is terminal or being deleted", () => {
    expect(isPodActive({ metadata, status: { phase: "Running" } })).to.equal(true);
    expect(isPodActive({ metadata, status: { phase: "Failed" } })).to.equal(false);
    const deleted = { ...metadata, deletionTimestamp: "1970-01-01T00:00:00Z" };
    expect(isPodActive({ metadata: deleted, status: { phase: "Running" } })).to.equal(false);
  });

  it("is ready by its condition", () => {
    expect(isPodReady(readySince())).to.equal(true);
    expect(isPodReady({ status: { conditions: [{ type: "Ready", status: "False" }] } })).to.equal(false);
    expect(isPodReady({ status: {} })).to.equal(false);
  });

  it("is available once it has been ready for long enough", () => {
    const pod = readySince("1970-01-01T00:00:10Z");
    expect(isPodAvailable(pod, { minReadySeconds: 0, nowMs: 0 })).to.equal(true);
    expect(isPodAvailable(pod, { minReadySeconds: 5, nowMs: 14_999 })).to.equal(false);
    expect(isPodAvailable(pod, { minReadySeconds: 5, nowMs: 15_000 })).to.equal(true);
    expect(isPodAvailable(readySince(), { minReadySeconds: 5, nowMs: 15_000 })).to.equal(false);
    expect(isPodAvailable({ status: {} }, { minReadySeconds: 0, nowMs: 0 })).to.equal(false);
  });

  it("holds the statuses of containers of every sort", () => {
    const status = (name: string) => ({
      name,
      state: {},
      lastState: {},
      ready: true,
      restartCount: 0,
      image: "",
      imageID: "",
    });
    const pod = { status: { containerStatuses: [status("a")], initContainerStatuses: [status("b")] } };
    expect(containerStatusOf(pod, "a")?.name).to.equal("a");
    expect(containerStatusOf(pod, "b")?.name).to.equal("b");
    expect(containerStatusOf(pod, "c")).to.equal(undefined);
  });
});
