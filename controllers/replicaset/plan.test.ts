import { expect } from "chai";
import { replicaSets, type ReplicaSet } from "../../api/apps/replica-set.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { nextAvailableMs, planReplicas, planStatus } from "./plan.ts";
import { chooseVictims } from "./victims.ts";

const NOW = Date.UTC(2026, 0, 1, 12);
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

interface Shape {
  readonly node?: string;
  readonly phase?: string;
  /** Ready for so many seconds; not ready unless given. */
  readonly readyFor?: number;
  readonly age?: number;
  readonly cost?: string;
  readonly restarts?: number;
  readonly deleted?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}

function pod(name: string, shape: Shape = {}): Pod {
  const { node = "n1", phase = "Running", readyFor, age = 1000, cost, restarts = 0, deleted, labels } = shape;
  const ready = {
    type: "Ready",
    status: readyFor === undefined ? "False" : "True",
    lastTransitionTime: ago(readyFor ?? 0),
  };
  return storedObject(pods, {
    metadata: {
      name,
      uid: name,
      labels,
      creationTimestamp: ago(age),
      annotations: cost === undefined ? undefined : { "controller.kubernetes.io/pod-deletion-cost": cost },
      ...(deleted && { deletionTimestamp: ago(0) }),
    },
    spec: { nodeName: node, containers: [] },
    status: { phase, conditions: [ready], containerStatuses: [{ name: "main", restartCount: restarts }] },
  });
}

const replicaSet = (
  replicas: number | undefined,
  more: { spec?: object; status?: object; metadata?: object } = {},
): ReplicaSet =>
  storedObject(replicaSets, {
    metadata: { name: "web", generation: 3, ...more.metadata },
    spec: { replicas, template: { metadata: { labels: { app: "web" } }, spec: { containers: [] } }, ...more.spec },
    status: more.status ?? {},
  });

describe("how many pods a ReplicaSet creates and deletes", () => {
  const context = { related: [], nowMs: NOW };
  const some = (count: number, shape?: Shape) => Array.from({ length: count }, (_, index) => pod(`p${index}`, shape));
  const table: [string, number | undefined, readonly Pod[], number, number][] = [
    ["creates what is missing", 3, some(1), 2, 0],
    ["deletes what is too many", 1, some(3), 0, 2],
    ["does nothing when all are there", 3, some(3), 0, 0],
    ["counts none that have ended", 2, some(2, { phase: "Failed" }), 2, 0],
    ["counts none that are on their way out", 2, some(2, { deleted: true }), 2, 0],
    ["wants one unless told otherwise", undefined, [], 1, 0],
    ["creates no more than 500 at once", 1000, [], 500, 0],
    ["deletes no more than 500 at once", 0, some(600), 0, 500],
  ];
  for (const [what, replicas, all, create, remove] of table) {
    it(what, () => {
      const plan = planReplicas(replicaSet(replicas), all, context);
      expect([plan.create, plan.remove.length]).to.deep.equal([create, remove]);
    });
  }

  it("does nothing while the ReplicaSet is on its way out", () => {
    const leaving = replicaSet(3, { metadata: { deletionTimestamp: ago(0) } });
    expect(planReplicas(leaving, [], context)).to.deep.equal({ create: 0, remove: [] });
  });
});

describe("the pod that goes first", () => {
  const day = 86_400;
  const table: [string, Shape, Shape][] = [
    ["has no node", { node: "" }, {}],
    ["is pending rather than unknown", { phase: "Pending" }, { phase: "Unknown" }],
    ["is unknown rather than running", { phase: "Unknown" }, { phase: "Running" }],
    ["is not ready", {}, { readyFor: 10 }],
    ["costs less", { readyFor: day, cost: "-1" }, { readyFor: 1 }],
    ["costs less, where the other's cost can be read", { readyFor: day, cost: "5" }, { readyFor: 1, cost: "10" }],
    ["is ready for a shorter time", { readyFor: 10 }, { readyFor: day }],
    ["has restarted more often", { readyFor: 10, restarts: 3 }, { readyFor: 10 }],
    ["is newer", { readyFor: 10, age: 20 }, { readyFor: 10, age: day }],
  ];
  for (const [what, first, second] of table) {
    it(what, () => {
      // Whatever the order of names and of the list.
      for (const [a, b] of [
        ["a", "b"],
        ["b", "a"],
      ] as const) {
        const [victim, other] = [pod(a, first), pod(b, second)];
        for (const all of [
          [victim, other],
          [other, victim],
        ]) {
          expect(chooseVictims(all, 1, { related: all, nowMs: NOW })).to.deep.equal([victim]);
        }
      }
    });
  }

  it("shares its node with more of the same owner's pods", () => {
    const [crowded, alone] = [pod("z", { node: "n1", readyFor: day }), pod("a", { node: "n2", readyFor: 1 })];
    const related = [crowded, alone, pod("other", { node: "n1" })];
    expect(chooseVictims([alone, crowded], 1, { related, nowMs: NOW })).to.deep.equal([crowded]);
    const ended = [crowded, alone, pod("other", { node: "n1", phase: "Failed" })];
    expect(chooseVictims([alone, crowded], 1, { related: ended, nowMs: NOW })).to.deep.equal([alone]);
  });

  it("is chosen by chance between ages of the same order of magnitude, restarts or not", () => {
    const [a, b] = [pod("a", { readyFor: 3000 }), pod("b", { readyFor: 2800, restarts: 9 })];
    expect(chooseVictims([b, a], 1, { related: [], nowMs: NOW })).to.deep.equal([a]);
  });

  it("ignores a cost that is no plain integer", () => {
    for (const cost of ["+5", "05", "five", "1.5", ""]) {
      const [odd, plain] = [pod("a", { readyFor: 1000, cost }), pod("b", { readyFor: 1000, cost: "-1" })];
      expect(chooseVictims([odd, plain], 1, { related: [], nowMs: NOW })).to.deep.equal([plain]);
    }
  });
});

describe("the status of a ReplicaSet", () => {
  it("counts active pods by what they are", () => {
    const all = [
      pod("a", { readyFor: 100, labels: { app: "web" } }),
      pod("b", { readyFor: 5, labels: { app: "web" } }),
      pod("c"),
      pod("d", { readyFor: 100, deleted: true }),
      pod("e", { phase: "Succeeded" }),
    ];
    expect(planStatus(replicaSet(3, { spec: { minReadySeconds: 10 } }), all, { nowMs: NOW })).to.include({
      replicas: 3,
      readyReplicas: 2,
      availableReplicas: 1,
      observedGeneration: 3,
    });
  });

  it("leaves counts of zero out, but for the replicas themselves", () => {
    expect(planStatus(replicaSet(0), [], { nowMs: NOW })).to.deep.equal({ replicas: 0, observedGeneration: 3 });
  });

  const failure = { reason: "FailedCreate", message: "exceeded quota" } as const;

  it("shows a failure until it is over, with the words of the first", () => {
    const first = planStatus(replicaSet(1), [], { nowMs: NOW, failure });
    expect(first.conditions).to.deep.equal([
      { type: "ReplicaFailure", status: "True", ...failure, lastTransitionTime: "2026-01-01T12:00:00Z" },
    ]);
    const again = { ...failure, message: "another pod's name" };
    const second = planStatus(replicaSet(1, { status: first }), [], { nowMs: NOW + 1000, failure: again });
    expect(second.conditions).to.deep.equal(first.conditions);
    expect(planStatus(replicaSet(1, { status: first }), [], { nowMs: NOW }).conditions).to.equal(undefined);
  });

  it("keeps other people's conditions", () => {
    const conditions = [{ type: "Custom", status: "True" }];
    expect(planStatus(replicaSet(1, { status: { conditions } }), [], { nowMs: NOW }).conditions).to.deep.equal(
      conditions,
    );
  });
});

describe("waiting for pods to become available", () => {
  const ten = replicaSet(2, { spec: { minReadySeconds: 10 } });

  it("takes until the first of them has been ready long enough", () => {
    const all = [pod("a", { readyFor: 3 }), pod("b", { readyFor: 6 }), pod("c", { readyFor: 60 }), pod("d")];
    expect(nextAvailableMs(ten, all, NOW)).to.equal(4000);
  });

  it("is not needed without minReadySeconds, nor when no pod is waiting", () => {
    expect(nextAvailableMs(replicaSet(1), [pod("a", { readyFor: 3 })], NOW)).to.equal(undefined);
    expect(nextAvailableMs(ten, [pod("a"), pod("b", { readyFor: 60 })], NOW)).to.equal(undefined);
  });
});
