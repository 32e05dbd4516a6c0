import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { asStored, newPod } from "../../testing/builders.ts";
import { planDrain } from "./plan-drain.ts";

const NOW_MS = Date.parse("2026-01-01T00:10:00Z");
const cautious = {
  force: false,
  ignoreDaemonSets: false,
  deleteEmptyDirData: false,
  skipTerminatingSeconds: 0,
  nowMs: NOW_MS,
};

const owned = (kind: string) => ({
  ownerReferences: [{ apiVersion: "apps/v1", kind, name: "owner", uid: "u", controller: true }],
});
const pod = (name: string, options: Parameters<typeof newPod>[1] = {}): Pod => asStored(newPod(name, options));

const replicated = pod("replicated", { metadata: owned("ReplicaSet") });
const daemon = pod("daemon", { metadata: owned("DaemonSet") });
const bare = pod("bare");
const withData = pod("data", { metadata: owned("ReplicaSet"), spec: { volumes: [{ name: "v", emptyDir: {} }] } });
const finished = pod("finished", { status: { phase: "Succeeded" } });
const mirrored = pod("mirrored", { metadata: { annotations: { "kubernetes.io/config.mirror": "x" } } });
const leaving = pod("leaving", { metadata: { ...owned("ReplicaSet"), deletionTimestamp: "2026-01-01T00:00:00Z" } });

const namesOf = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name);

describe("a drain", () => {
  it("evicts what a controller puts back, and what has finished", () => {
    const plan = planDrain([replicated, finished], cautious);
    expect(namesOf(plan.evict)).to.deep.equal(["replicated", "finished"]);
    expect([...plan.warnings, ...plan.refusals]).to.deep.equal([]);
  });

  it("leaves mirrored pods, which the API does not control", () => {
    expect(planDrain([mirrored], cautious)).to.deep.equal({ evict: [], warnings: [], refusals: [] });
  });

  for (const { what, pods, flag, refusal, warning, evicts } of [
    {
      what: "pods without a controller",
      pods: [bare],
      flag: { force: true },
      refusal: "cannot delete cannot delete Pods that declare no controller (use --force to override): default/bare",
      warning: ["deleting Pods that declare no controller: default/bare"],
      evicts: ["bare"],
    },
    {
      what: "pods of daemon sets",
      pods: [daemon],
      flag: { ignoreDaemonSets: true },
      refusal: "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): default/daemon",
      warning: ["ignoring DaemonSet-managed Pods: default/daemon"],
      evicts: [],
    },
    {
      what: "pods with data of their own",
      pods: [withData],
      flag: { deleteEmptyDirData: true },
      refusal: "cannot delete Pods with local storage (use --delete-emptydir-data to override): default/data",
      warning: [],
      evicts: ["data"],
    },
  ]) {
    it(`touches ${what} only when told to`, () => {
      expect(planDrain(pods, cautious).refusals).to.deep.equal([refusal]);
      const told = planDrain(pods, { ...cautious, ...flag });
      expect(told).to.deep.include({ warnings: warning, refusals: [] });
      expect(namesOf(told.evict)).to.deep.equal(evicts);
    });
  }

  it("can leave pods that have been terminating for long", () => {
    expect(namesOf(planDrain([leaving], cautious).evict)).to.deep.equal(["leaving"]);
    expect(planDrain([leaving], { ...cautious, skipTerminatingSeconds: 60 }).evict).to.deep.equal([]);
    expect(namesOf(planDrain([leaving], { ...cautious, skipTerminatingSeconds: 6000 }).evict)).to.deep.equal([
      "leaving",
    ]);
  });
});
