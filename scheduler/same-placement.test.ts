import { expect } from "chai";
import type { Pod } from "../api/core/pod.ts";
import { asStored, newPod } from "../testing/builders.ts";
import { isSamePlacement } from "./same-placement.ts";

const pod = (status: object = {}, labels: Record<string, string> = {}) =>
  asStored<Pod>(newPod("p", { labels, spec: { nodeName: "n" }, status: status }));
const given = (cpu: string) => ({ containerStatuses: [{ name: "main", resources: { requests: { cpu } } }] });
const infeasible = { conditions: [{ type: "PodResizePending", status: "True", reason: "Infeasible" }] };

const changes: readonly (readonly [string, Pod, Pod, boolean])[] = [
  ["becomes ready", pod(), pod({ phase: "Running", conditions: [{ type: "Ready", status: "True" }] }), true],
  ["gets another label", pod(), pod({}, { app: "x" }), false],
  ["has been resized by its node", pod(given("2")), pod(given("1")), false],
  ["is told that its resize can never be", pod(given("2")), pod({ ...given("2"), ...infeasible }), false],
  ["says again what it has", pod(given("2")), pod({ ...given("2"), phase: "Running" }), true],
];

describe("isSamePlacement", () => {
  for (const [title, before, object, expected] of changes) {
    it(`is ${expected} for a pod that ${title}`, () => {
      expect(isSamePlacement(before, object)).to.equal(expected);
    });
  }
});
