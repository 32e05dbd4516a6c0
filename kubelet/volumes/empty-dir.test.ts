import { expect } from "chai";
import { container, podOf } from "../../testing/pod-states.ts";
import { memorySize } from "./empty-dir.ts";

const MIB = 2 ** 20;
const limited = (memory: string) => container("main", { resources: { limits: { memory }, requests: { memory } } });

describe("a volume in memory", () => {
  for (const [title, sizeLimit, containers, expected] of [
    ["has its own limit where that is the least", "32Mi", [limited("64Mi")], 32 * MIB],
    ["has the pod's where that is less", "128Mi", [limited("64Mi"), limited("16Mi")], 80 * MIB],
    ["has the node's where a container has none", undefined, [limited("64Mi"), container("side")], 256 * MIB],
    ["has the node's where it asks for more", "1Gi", [container("main")], 256 * MIB],
    ["takes a limit of 0 for none", "0", [container("main")], 256 * MIB],
  ] as const) {
    it(title, () => {
      expect(memorySize(podOf({ containers: [...containers] }), { sizeLimit, allocatable: "256Mi" })).to.equal(
        expected,
      );
    });
  }
});
