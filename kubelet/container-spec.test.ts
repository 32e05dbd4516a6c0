import { expect } from "chai";
import type { Container } from "../api/core/container.ts";
import type { PodSpec } from "../api/core/pod.ts";
import { container, podOf, starting } from "../testing/pod-states.ts";
import { buildContainerSpec, buildResources, buildSecurity, verifyNonRoot } from "./container-spec.ts";
import type { StartStep } from "./pod-state.ts";

const GIB = 2 ** 30;

describe("buildContainerSpec", () => {
  it("expands variables in command and arguments", () => {
    const step = starting("main") as StartStep;
    const main = container("main", { command: ["sh", "-c"], args: ["echo $(A) $(B) $$(A)"] });
    const environment = new Map([["A", "1"]]);
    const spec = buildContainerSpec(
      podOf(),
      { ...step, container: main },
      { environment, mounts: [], pidsMax: -1, memoryBytes: GIB },
    );
    expect(spec).to.deep.include({
      command: ["sh", "-c"],
      args: ["echo 1 $(B) $(A)"],
      env: [{ name: "A", value: "1" }],
    });
  });

  for (const [qosClass, requests, expected] of [
    ["Guaranteed", { memory: "512Mi" }, -997],
    ["BestEffort", {}, 1000],
    ["Burstable", { memory: "512Mi" }, 500],
    ["Burstable", {}, 999],
  ] as const) {
    it(`gives a ${qosClass} pod that asks for ${JSON.stringify(requests)} the OOM score ${expected}`, () => {
      const pod = podOf({}, { status: { qosClass } });
      expect(buildResources(pod, container("main", { resources: { requests } }), GIB).oomScoreAdj).to.equal(expected);
    });
  }

  it("gives limits in millis and bytes", () => {
    const resources = { limits: { cpu: "0.5", memory: "64Mi" }, requests: { cpu: "250m" } };
    expect(buildResources(podOf(), container("main", { resources }), GIB)).to.include({
      cpuMillisRequest: 250,
      cpuMillisLimit: 500,
      memoryBytesLimit: 64 * 2 ** 20,
    });
  });

  it("prefers the container's security context to the pod's", () => {
    const pod = podOf({ securityContext: { runAsUser: 1, runAsGroup: 2, fsGroup: 3, supplementalGroups: [4] } });
    const securityContext = { runAsUser: 10, allowPrivilegeEscalation: false };
    expect(buildSecurity(pod, container("main", { securityContext }))).to.deep.include({
      user: 10,
      group: 2,
      supplementalGroups: [4, 3],
      noNewPrivileges: true,
    });
  });

  for (const [title, own, imageUser, complaint] of [
    ["a container that does not ask", {}, "", undefined],
    ["a user that is not root", { runAsNonRoot: true, runAsUser: 5 }, "", undefined],
    ["root as its user", { runAsNonRoot: true, runAsUser: 0 }, "", "container's runAsUser breaks non-root policy"],
    ["an image of root", { runAsNonRoot: true }, "", "container has runAsNonRoot and image will run as root"],
    ["an image of user 0", { runAsNonRoot: true }, "0:0", "container has runAsNonRoot and image will run as root"],
    ["an image of a number", { runAsNonRoot: true }, "1000:1000", undefined],
    [
      "an image of a name",
      { runAsNonRoot: true },
      "app",
      "image has non-numeric user (app), cannot verify user is non-root",
    ],
  ] as const) {
    it(`${complaint === undefined ? "accepts" : "refuses"} ${title}`, () => {
      const more: Partial<Container> = { securityContext: own };
      const spec: Partial<PodSpec> = {};
      const verify = () => verifyNonRoot(podOf(spec), container("main", more), { user: imageUser });
      if (complaint === undefined) expect(verify).to.not.throw();
      else expect(verify).to.throw(complaint);
    });
  }
});
