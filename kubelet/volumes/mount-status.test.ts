import { expect } from "chai";
import { mountStatuses } from "./mount-status.ts";

describe("the mounts in a container's status", () => {
  it("are those of its spec, and say what read-only means for what lies below", () => {
    const volumeMounts = [
      { name: "a", mountPath: "/a" },
      { name: "b", mountPath: "/b", readOnly: true, recursiveReadOnly: "IfPossible" as const },
    ];
    expect(mountStatuses({ volumeMounts })).to.deep.equal([
      { name: "a", mountPath: "/a" },
      { name: "b", mountPath: "/b", readOnly: true, recursiveReadOnly: "Disabled" },
    ]);
    expect(mountStatuses({})).to.deep.equal([]);
  });
});
