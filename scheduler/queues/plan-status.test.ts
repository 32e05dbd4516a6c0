import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { podGroups } from "../../api/kctl-scheduling/pod-group.ts";
import { queues } from "../../api/kctl-scheduling/queue.ts";
import { asStored } from "../../testing/builders.ts";
import { newMember } from "../../testing/gang-builders.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { Gangs } from "../gangs/gangs.ts";
import { planGroupStatus, planQueueStatus } from "./plan-status.ts";
import { QueueLedger } from "./queue-ledger.ts";

const NOW = "2026-01-01T00:00:00Z";
type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

/** The status of a group of three members at least, with a pod in each phase; pending ones have no node. */
function statusOf(...phases: Phase[]) {
  const group = storedObject(podGroups, { metadata: { name: "g", generation: 2 }, spec: { minMember: 3 } });
  const gangs = new Gangs();
  const gang = gangs.setGroup("default/g", group);
  phases.forEach((phase, index) => {
    const spec = phase === "Pending" ? {} : { nodeName: "n" };
    const pod = asStored<Pod>(newMember(`g-${index}`, "g", { spec, status: { phase } }));
    gangs.setPod(pod.metadata.uid, pod);
  });
  return planGroupStatus(group, gang, { now: NOW, waiting: undefined });
}

describe("the status of a pod group", () => {
  const [pending, running, succeeded, failed] = ["Pending", "Running", "Succeeded", "Failed"] as const;
  const cases: readonly (readonly [string, readonly Phase[], string, boolean])[] = [
    ["without members", [], "Pending", false],
    ["that waits", [pending, pending, pending], "Pending", false],
    ["that runs", [running, running, running, pending], "Running", true],
    ["of which some have succeeded", [running, succeeded, succeeded], "Running", true],
    ["of which too many have failed", [running, failed, failed], "Pending", false],
    ["that has succeeded", [succeeded, succeeded, succeeded, failed], "Succeeded", true],
    ["that has failed", [succeeded, failed, failed], "Failed", false],
  ];
  for (const [title, phases, phase, isScheduled] of cases) {
    it(`says ${phase} of a group ${title}`, () => {
      const status = statusOf(...phases);
      expect(status).to.include({ phase, members: phases.length, observedGeneration: 2 });
      expect(status.conditions?.[0]?.status).to.equal(isScheduled ? "True" : "False");
    });
  }
});

describe("the status of a queue", () => {
  function ledgerWith(): QueueLedger {
    const ledger = new QueueLedger();
    ledger.setQueue("p", storedObject(queues, { metadata: { name: "p" }, spec: {} }));
    const spec = { parent: "p", guarantee: { cpu: "2", memory: "1Gi" } };
    ledger.setQueue("a", storedObject(queues, { metadata: { name: "a" }, spec }));
    ledger.place("u1", "a", { cpu: 2500, memory: 2 ** 29, pods: 1 });
    ledger.setWaiting("u2", "a");
    return ledger;
  }

  it("has what is used and borrowed, in quantities, here and above", () => {
    const ledger = ledgerWith();
    for (const queue of ledger.queues) {
      const status = planQueueStatus(queue, ledger, NOW);
      expect(status).to.deep.include({
        guarantee: { cpu: "2", memory: "1Gi" },
        used: { cpu: "2500m", memory: "512Mi", pods: "1" },
        borrowed: { cpu: "500m" },
        share: 125,
        pending: 1,
        admitted: 1,
      });
      expect(status.conditions?.[0]).to.include({ type: "Ready", status: "True", reason: "Ready" });
    }
  });

  it("follows pods that leave, and says what is wrong with the queue", () => {
    const ledger = ledgerWith();
    expect(ledger.free("u1")).to.deep.equal(["a"]);
    expect(ledger.setWaiting("u2", undefined)).to.deep.equal(["a"]);
    ledger.setQueue("p", undefined);
    const [queue = expect.fail("there is a queue")] = ledger.queues;
    const status = planQueueStatus(queue, ledger, NOW);
    expect(status).to.include({ pending: 0, admitted: 0 });
    expect(status.conditions?.[0]).to.include({ status: "False", reason: "ParentMissing" });
  });

  it("charges a pod again when the queues are others than before", () => {
    const ledger = ledgerWith();
    ledger.keep("g", "a", { cpu: 1000 });
    ledger.addCapacity({ cpu: 9000 }, 1);
    expect(ledger.tree.find("p")?.used).to.deep.equal({ cpu: 2500, memory: 2 ** 29, pods: 1 });
    expect(ledger.tree.find("p")?.kept).to.deep.equal({ cpu: 1000 });
    expect([ledger.keptFor("g"), ledger.queueKeptIn("g")]).to.deep.equal([{ cpu: 1000 }, "a"]);
    ledger.unkeep("g");
    expect(ledger.tree.find("a")?.kept).to.deep.equal({});
  });
});
