import { expect } from "chai";
import type { PodSpec } from "./pod.ts";
import type { SecurityContext } from "./security-context.ts";
import { validatePlatform } from "./validate-pod-platform.ts";

const containerOf = (name: string, securityContext?: SecurityContext) => ({ name, resources: {}, securityContext });
const specOf = (spec: Partial<PodSpec>): PodSpec => ({ containers: [containerOf("main")], ...spec });
const context = (...contexts: readonly (SecurityContext | undefined)[]): Pick<PodSpec, "containers"> => ({
  containers: contexts.map((each, position) => containerOf(`c${position}`, each)),
});
const sysctl = (name: string): Pick<PodSpec, "securityContext"> => ({
  securityContext: { sysctls: [{ name, value: "1" }] },
});

const onHost = { windowsOptions: { hostProcess: true } };

describe("validatePlatform", () => {
  const accepted: readonly (readonly [string, Partial<PodSpec>])[] = [
    ["a plain pod", {}],
    ["all of /proc for users of the pod's own", { hostUsers: false, ...context({ procMount: "Unmasked" }) }],
    ["settings of Windows in a pod for Windows", { os: { name: "windows" }, ...context({ windowsOptions: {} }) }],
    ["settings of Windows where no system is named", context({ windowsOptions: { runAsUserName: "User" } })],
    ["a pod that runs on its node as a whole", { hostNetwork: true, ...context(onHost, onHost) }],
    ["parameters of the pod's own network", sysctl("net.core.somaxconn")],
    ["parameters that the node's network has nothing to do with", { hostNetwork: true, ...sysctl("kernel.sem") }],
  ];
  for (const [title, spec] of accepted) {
    it(`accepts ${title}`, () => expect(validatePlatform(specOf(spec), "spec")).to.deep.equal([]));
  }

  const refused: readonly (readonly [path: string, detail: string, spec: Partial<PodSpec>])[] = [
    [
      "spec.containers[0].securityContext.procMount",
      "`hostUsers` must be false to use `Unmasked`",
      context({ procMount: "Unmasked" }),
    ],
    [
      "spec.securityContext.windowsOptions",
      "windows options cannot be set for a linux pod",
      { os: { name: "linux" }, securityContext: { windowsOptions: {} } },
    ],
    [
      "spec.containers[0].securityContext.windowsOptions",
      "windows options cannot be set for a linux pod",
      { os: { name: "linux" }, ...context({ windowsOptions: {} }) },
    ],
    ["spec.hostPID", "cannot be set for a windows pod", { os: { name: "windows" }, hostPID: true }],
    [
      "spec.securityContext.fsGroup",
      "cannot be set for a windows pod",
      { os: { name: "windows" }, securityContext: { fsGroup: 1 } },
    ],
    [
      "spec.containers[0].securityContext.privileged",
      "cannot be set for a windows pod",
      { os: { name: "windows" }, ...context({ privileged: true }) },
    ],
    ["spec.hostNetwork", "hostNetwork must be true if pod contains any hostProcess containers", context(onHost)],
    [
      "spec",
      "If pod contains any hostProcess containers then all containers must be HostProcess containers",
      { hostNetwork: true, ...context(onHost, undefined) },
    ],
    [
      "spec.securityContext.sysctls[0].name",
      "may not be specified when 'hostNetwork' is true",
      { hostNetwork: true, ...sysctl("net/core/somaxconn") },
    ],
    [
      "spec.securityContext.sysctls[0].name",
      "may not be specified when 'hostIPC' is true",
      { hostIPC: true, ...sysctl("kernel.shmmax") },
    ],
  ];
  for (const [path, detail, spec] of refused) {
    it(`refuses ${path}: ${detail}`, () => {
      const errors = validatePlatform(specOf(spec), "spec");
      expect(errors.map((error) => JSON.stringify(error))).to.have.length(1);
      expect(JSON.stringify(errors)).to.contain(JSON.stringify(path)).and.to.contain(detail);
    });
  }
});
