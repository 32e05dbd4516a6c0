import { expect } from "chai";
import { daemonSets, type DaemonSet } from "../../api/apps/daemon-set.ts";
import { nodes, type Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { newDaemonSet, type DaemonSetOptions } from "../../testing/daemon-set.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { daemonNodes, nodeRule, type DaemonNode } from "./daemon-nodes.ts";
import { daemonTolerations, targetOf } from "./daemon-pod.ts";
import { planRepair, type DaemonPlan } from "./plan.ts";
import { planRollingUpdate } from "./rolling-update.ts";
import { planStatus } from "./status.ts";

const NOW_MS = Date.parse("2026-01-01T01:00:00Z");

const setOf = (options: DaemonSetOptions = {}): DaemonSet => {
  const { metadata, ...rest } = newDaemonSet(options);
  return storedObject(daemonSets, { ...rest, metadata: { ...metadata, uid: "set", generation: 1 }, status: {} });
};

const rolling = (maxSurge: number | string, maxUnavailable: number | string): DaemonSetOptions => ({
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } },
});

/** `n1 new ready`: the node, the template's version and the state of a pod. The earlier in a list, the older. */
function podOf(text: string, index: number): Pod {
  const [node = "", hash = "", state = "ready"] = text.split(" ");
  const name = `p${index}`;
  const phase = ["Failed", "Succeeded"].includes(state) ? state : "Running";
  const conditions = [
    { type: "Ready", status: state === "unready" ? "False" : "True", lastTransitionTime: "2026-01-01T00:00:00Z" },
  ];
  const metadata = {
    uid: name,
    creationTimestamp: `2026-01-01T00:00:0${index}Z`,
    deletionTimestamp: state === "ending" ? "2026-01-01T00:30:00Z" : undefined,
    labels: { app: "agent", "controller-revision-hash": hash },
  };
  const spec = { ...newPod(name).spec, nodeName: state === "unplaced" ? undefined : node, affinity: pinTo(node) };
  return { metadata: { name, ...metadata }, spec, status: { phase, conditions } } as unknown as Pod;
}

const pinTo = (node: string) => {
  const matchFields = [{ key: "metadata.name", operator: "In", values: [node] }];
  return {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } },
  };
};

function viewOf(set: DaemonSet, names: readonly string[], pods: readonly string[]): readonly DaemonNode[] {
  const all = names.map((text) => {
    const [name = "", effect] = text.split(" ");
    const taints = effect ? [{ key: "mine", effect }] : [];
    return storedObject<Node>(nodes, { ...newNode(name), spec: { taints } });
  });
  return daemonNodes(all, pods.map(podOf), nodeRule(set, "any"));
}

const show = ({ create, remove }: DaemonPlan) =>
  [...create.map((node) => `+${node}`), ...remove.map(({ metadata }) => `-${metadata.name}`)].join(" ");

const context = { hash: "new", nowMs: NOW_MS, backoffMs: () => 0 };

describe("what a DaemonSet repairs", () => {
  const cases: readonly (readonly [string, DaemonSetOptions, readonly string[], readonly string[], string])[] = [
    ["makes a pod where there is none", {}, ["n1", "n2"], ["n1 new"], "+n2"],
    ["waits for a pod that is on its way out", {}, ["n1"], ["n1 new ending"], ""],
    ["makes none on a tainted node, and leaves the one there", {}, ["n1 NoSchedule", "n2 NoSchedule"], ["n1 new"], ""],
    ["removes all from a node that lets none stay", {}, ["n1 NoExecute"], ["n1 new", "n1 old ending"], "-p0"],
    ["removes all but the oldest", {}, ["n1"], ["n1 new", "n1 new", "n1 old"], "-p1 -p2"],
    ["counts a placed pod as older than one that is not", {}, ["n1"], ["n1 new unplaced", "n1 new"], "-p0"],
    ["removes what has failed or ended", {}, ["n1", "n2"], ["n1 new Failed", "n2 new Succeeded"], "-p0 -p1"],
    ["removes what waits for a node that is gone", {}, [], ["n1 new unplaced", "n2 new"], "-p0"],
    ["replaces at once what ends during a surge", rolling(1, 0), ["n1"], ["n1 old ending"], "+n1"],
    ["keeps an old pod until the new one works", rolling(1, 0), ["n1"], ["n1 old", "n1 new unready"], ""],
    ["removes the old pod once the new one works", rolling(1, 0), ["n1"], ["n1 old", "n1 new"], "-p0"],
    ["removes an old pod that does not work", rolling(1, 0), ["n1"], ["n1 old unready", "n1 new unready"], "-p0"],
    ["keeps one pod of a kind during a surge", rolling(1, 0), ["n1"], ["n1 new", "n1 new", "n1 new"], "-p1 -p2"],
  ];
  for (const [title, options, names, pods, expected] of cases) {
    it(title, () => {
      const set = setOf(options);
      expect(show(planRepair(set, viewOf(set, names, pods), context))).to.equal(expected);
    });
  }

  it("leaves a failed pod alone as long as its node is given time", () => {
    const set = setOf();
    const view = viewOf(set, ["n1", "n2"], ["n1 new Failed", "n2 new Failed"]);
    const plan = planRepair(set, view, { ...context, backoffMs: (node) => (node === "n1" ? 5000 : 0) });
    expect([show(plan), plan.waitMs]).to.deep.equal(["-p1", 5000]);
  });
});

describe("what a DaemonSet's rolling update does next", () => {
  const three = ["n1", "n2", "n3"];
  const cases: readonly (readonly [string, DaemonSetOptions, readonly string[], string])[] = [
    ["removes as many as may be missing", rolling(0, 2), ["n1 old", "n2 old", "n3 old"], "-p0 -p1"],
    ["rounds a share up", rolling(0, "34%"), ["n1 old", "n2 old", "n3 old"], "-p0 -p1"],
    ["waits for those that are missing", rolling(0, 1), ["n1 new unready", "n2 old", "n3 old"], ""],
    ["counts a node without a pod as missing", rolling(0, 1), ["n1 old", "n2 old"], ""],
    ["counts a pod on its way out as missing", rolling(0, 1), ["n1 old ending", "n2 old", "n3 old"], ""],
    ["replaces what does not work in any case", rolling(0, 1), ["n1 new unready", "n2 old unready", "n3 old"], "-p1"],
    ["is over when all are new", rolling(0, 3), ["n1 new", "n2 new", "n3 new"], ""],
    ["moves by one node where both bounds are zero", rolling(0, 0), ["n1 old", "n2 old", "n3 old"], "-p0"],
    ["makes as many as may surge", rolling(2, 0), ["n1 old", "n2 old", "n3 old"], "+n1 +n2"],
    ["waits for those that surge", rolling(1, 0), ["n1 old", "n1 new unready", "n2 old", "n3 old"], ""],
    ["goes on once a new pod works", rolling(1, 0), ["n1 old", "n1 new", "n2 old", "n3 old"], "+n2 -p0"],
    [
      "makes a new pod beside what does not work in any case",
      rolling(1, 0),
      ["n1 old unready", "n2 old", "n2 new unready"],
      "+n1",
    ],
  ];
  for (const [title, options, pods, expected] of cases) {
    it(title, () => {
      const set = setOf(options);
      expect(show(planRollingUpdate(set, viewOf(set, three, pods), context))).to.equal(expected);
    });
  }
});

describe("the status of a DaemonSet", () => {
  it("counts nodes, and takes the oldest pod of each", () => {
    const set = setOf({ minReadySeconds: 10 });
    const pods = ["n1 new", "n1 old", "n2 old unready", "n4 new", "gone new"];
    const view = viewOf(set, ["n1", "n2", "n3", "n4 NoSchedule"], pods);
    expect(planStatus(set, view, { ...context, collisionCount: 0 })).to.deep.equal({
      currentNumberScheduled: 2,
      numberMisscheduled: 1,
      desiredNumberScheduled: 3,
      numberReady: 1,
      observedGeneration: 1,
      updatedNumberScheduled: 1,
      numberAvailable: 1,
      numberUnavailable: 2,
    });
  });
});

describe("a daemon pod", () => {
  it("tolerates what may be wrong with a node, and its network where it uses it", () => {
    const keys = (hostNetwork: boolean) =>
      daemonTolerations({ hostNetwork }).map(({ key, effect }) => `${key} ${effect}`);
    expect(keys(false)).to.deep.equal([
      "node.kubernetes.io/not-ready NoExecute",
      "node.kubernetes.io/unreachable NoExecute",
      "node.kubernetes.io/disk-pressure NoSchedule",
      "node.kubernetes.io/memory-pressure NoSchedule",
      "node.kubernetes.io/pid-pressure NoSchedule",
      "node.kubernetes.io/unschedulable NoSchedule",
    ]);
    expect(keys(true).at(-1)).to.equal("node.kubernetes.io/network-unavailable NoSchedule");
  });

  it("says each of its template's tolerations once", () => {
    const own = { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" } as const;
    const timed = { ...own, tolerationSeconds: 5 };
    const other = { key: "mine", operator: "Exists" } as const;
    const all = daemonTolerations({ tolerations: [timed, other] });
    expect(all.filter(({ key }) => key === own.key)).to.deep.equal([own]);
    expect(all).to.deep.include(other);
  });

  it("is meant for the node that it runs on, or else for the one that it is pinned to", () => {
    expect(targetOf(podOf("n1 new unplaced", 0))).to.equal("n1");
    expect(targetOf({ ...podOf("n1 new", 0), spec: { containers: [], nodeName: "n7" } })).to.equal("n7");
    expect(targetOf({ spec: { containers: [] } } as unknown as Pod)).to.equal(undefined);
  });
});
