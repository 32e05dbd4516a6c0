import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { asStored, newPod } from "../../testing/builders.ts";
import type { AnyObject } from "../any-object.ts";
import { defaultContainer, podSelectorOf, sortPods } from "./choose-pod.ts";

interface PodFacts {
  readonly node?: string;
  readonly phase?: "Running" | "Pending" | "Succeeded";
  readonly readySince?: string;
  readonly restarts?: number;
  readonly deleted?: boolean;
}

function pod(name: string, { node = "n1", phase = "Running", readySince, restarts = 0, deleted }: PodFacts = {}): Pod {
  const conditions = readySince ? [{ type: "Ready", status: "True" as const, lastTransitionTime: readySince }] : [];
  const containerStatuses = [
    { name: "main", restartCount: restarts, ready: false, image: "i", imageID: "", state: {}, lastState: {} },
  ];
  const created = newPod(name, {
    spec: { nodeName: node || undefined },
    status: { phase, conditions, containerStatuses },
    ...(deleted && { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }),
  });
  return asStored(created);
}

const order = (pods: readonly Pod[], preferRestarted = false) =>
  sortPods(pods, preferRestarted).map(({ metadata }) => metadata.name);

describe("the choice of a pod", () => {
  it("prefers pods that run, that are ready, and for longer", () => {
    const pods = [
      pod("unassigned", { node: "" }),
      pod("leaving", { readySince: "2026-01-01T00:00:00Z", deleted: true }),
      pod("pending", { phase: "Pending" }),
      pod("running"),
      pod("ready", { readySince: "2026-01-01T00:01:00Z" }),
      pod("longer", { readySince: "2026-01-01T00:00:00Z" }),
    ];
    expect(order(pods)).to.deep.equal(["longer", "ready", "running", "pending", "unassigned", "leaving"]);
  });

  it("prefers for logs the pod that restarted more often, else the one that restarted less", () => {
    const pods = [pod("calm"), pod("restless", { restarts: 3 })];
    expect(order(pods)).to.deep.equal(["calm", "restless"]);
    expect(order(pods, true)).to.deep.equal(["restless", "calm"]);
  });
});

describe("the selector of an object's pods", () => {
  const object = (apiVersion: string, kind: string, selector?: object) =>
    ({ apiVersion, kind, metadata: { name: "x" }, spec: { selector } }) as AnyObject;

  it("comes from label selectors and from maps", () => {
    const matchLabels = { matchLabels: { app: "web" } };
    expect(podSelectorOf(object("apps/v1", "Deployment", matchLabels), "attach to")).to.equal("app=web");
    expect(podSelectorOf(object("v1", "Service", { app: "web", tier: "a" }), "attach to")).to.equal("app=web,tier=a");
  });

  it("is refused for what has no pods", () => {
    expect(() => podSelectorOf(object("v1", "ConfigMap"), "get the logs from")).to.throw(
      "cannot get the logs from *v1.ConfigMap: selector for *v1.ConfigMap not implemented",
    );
    expect(() => podSelectorOf(object("v1", "Service"), "attach to")).to.throw(
      "invalid service 'x': Service is defined without a selector",
    );
  });
});

describe("the container that is meant where none is named", () => {
  const containers = [
    { name: "main", image: "i", resources: {} },
    { name: "side", image: "i", resources: {} },
  ];

  it("is the only one", () => {
    expect(defaultContainer(pod("web"))).to.deep.equal({ name: "main" });
  });

  it("is the first of several, and the user is told", () => {
    const several: Pod = asStored(
      newPod("web", { spec: { containers, initContainers: [{ name: "init", image: "i", resources: {} }] } }),
    );
    expect(defaultContainer(several)).to.deep.equal({
      name: "main",
      notice: 'Defaulted container "main" out of: main, side, init (init)',
    });
  });

  it("is the one that an annotation names", () => {
    const annotations = { "kubectl.kubernetes.io/default-container": "side" };
    expect(
      defaultContainer(asStored(newPod("web", { spec: { containers }, metadata: { annotations } }))),
    ).to.deep.equal({
      name: "side",
    });
  });
});
