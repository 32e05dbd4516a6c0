import { expect } from "chai";
import { deployments, type Deployment, type DeploymentCondition } from "../../api/apps/deployment.ts";
import { replicaSets, type ReplicaSet } from "../../api/apps/replica-set.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import { storedObject } from "../../testing/stored-object.ts";
import type { History } from "./history.ts";
import { planAnnouncements, type OptionState } from "./option-conditions.ts";
import { deadlineAfterMs } from "./progress.ts";
import { planStatus, withCondition } from "./status.ts";

const NOW = Date.UTC(2026, 0, 1, 12);
const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString().replace(".000", "");
const REVISION = "deployment.kubernetes.io/revision";
const template = { metadata: { labels: { app: "web" } }, spec: { containers: [] } };

interface Shape {
  readonly status?: object;
  readonly annotations?: object;
}

const set = (name: string, replicas: number, { status = {}, annotations = { [REVISION]: "1" } }: Shape = {}) =>
  storedObject<ReplicaSet>(replicaSets, { metadata: { name, annotations }, spec: { replicas, template }, status });

const counted = (count: number) => ({ replicas: count, readyReplicas: count, availableReplicas: count });
const full = (count: number): Shape => ({ status: counted(count) });

const progressing = (reason: string, more: Partial<DeploymentCondition> = {}): DeploymentCondition => ({
  type: "Progressing",
  status: "True",
  reason,
  message: "…",
  lastUpdateTime: at(-100),
  lastTransitionTime: at(-200),
  ...more,
});

const deployment = (status: object = {}, spec: object = {}): Deployment =>
  storedObject(deployments, {
    metadata: { name: "web", generation: 2, annotations: { [REVISION]: "1" } },
    spec: { replicas: 3, template, progressDeadlineSeconds: 60, ...spec },
    status,
  });

const history = (current: ReplicaSet | undefined, ...old: ReplicaSet[]): History => ({ current, old });
const conditionOf = (type: string, ...[subject, known]: [Deployment, History]) =>
  findCondition(statusOf(subject, known).conditions, type);

const options: OptionState = { rollback: { do: "nothing" }, canary: undefined };
const statusOf = (subject: Deployment, known: History) => planStatus(subject, { history: known, options, nowMs: NOW });

describe("a Deployment's counts", () => {
  it("add up what the ReplicaSets report", () => {
    const known = history(set("new", 2, { status: { replicas: 2, readyReplicas: 1 } }), set("old", 3, full(3)));
    expect(statusOf(deployment({ collisionCount: 4 }), known)).to.deep.include({
      observedGeneration: 2,
      replicas: 5,
      updatedReplicas: 2,
      readyReplicas: 4,
      availableReplicas: 3,
      unavailableReplicas: 2,
      collisionCount: 4,
    });
  });
});

describe("the condition Available", () => {
  const rolling = { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
  const table: [number, object, string][] = [
    [3, rolling, "True"],
    [2, rolling, "True"],
    [1, rolling, "False"],
    [2, { type: "Recreate" }, "False"],
    [3, { type: "Recreate" }, "True"],
  ];
  for (const [available, strategy, expected] of table) {
    it(`is ${expected} for ${available} of 3 pods with ${JSON.stringify(strategy)}`, () => {
      const known = history(set("new", 3, full(available)));
      expect(conditionOf("Available", deployment({}, { strategy }), known)?.status).to.equal(expected);
    });
  }
});

describe("the condition Progressing", () => {
  const done = history(set("new", 3, full(3)));
  const busy = history(set("new", 1, { status: { replicas: 1 } }), set("old", 3, full(3)));
  const counts = { replicas: 4, updatedReplicas: 1, readyReplicas: 3, availableReplicas: 3 };
  const moved = progressing("ReplicaSetUpdated");
  const stuck = progressing("ProgressDeadlineExceeded", { status: "False" });
  const newer = (name: string, annotations: object = {}) =>
    history(
      set(name, 1, { status: { replicas: 1 }, annotations: { [REVISION]: "2", ...annotations } }),
      set("old", 3, full(3)),
    );

  const table: [string, Deployment, History, string][] = [
    ["is absent without a deadline", deployment({}, { progressDeadlineSeconds: 2 ** 31 - 1 }), done, "none"],
    ["tells that a ReplicaSet was made", deployment(), newer("new"), "True NewReplicaSetCreated"],
    [
      "tells that an older one was found",
      deployment(),
      newer("new", { "deployment.kubernetes.io/revision-history": "1" }),
      "True FoundNewReplicaSet",
    ],
    ["tells that all is done", deployment({ conditions: [moved] }), done, "True NewReplicaSetAvailable"],
    ["tells that pods move", deployment({ conditions: [moved] }), busy, "True ReplicaSetUpdated"],
    [
      "tells that nothing moves",
      deployment({ ...counts, conditions: [moved] }),
      busy,
      "False ProgressDeadlineExceeded",
    ],
    [
      "stays when nothing moves yet",
      deployment({ ...counts, conditions: [progressing("ReplicaSetUpdated", { lastUpdateTime: at(-59) })] }),
      busy,
      "True ReplicaSetUpdated",
    ],
    ["stays stuck", deployment({ ...counts, conditions: [stuck] }), busy, "False ProgressDeadlineExceeded"],
    [
      "moves on from being stuck",
      deployment({ ...counts, readyReplicas: 2, conditions: [stuck] }),
      busy,
      "True ReplicaSetUpdated",
    ],
    [
      "never expires once it was complete",
      deployment({ ...counts, conditions: [progressing("NewReplicaSetAvailable")] }),
      busy,
      "True NewReplicaSetAvailable",
    ],
    [
      "is unknown while paused",
      deployment({ conditions: [moved] }, { paused: true }),
      busy,
      "Unknown DeploymentPaused",
    ],
    [
      "stays stuck while paused",
      deployment({ conditions: [stuck] }, { paused: true }),
      busy,
      "False ProgressDeadlineExceeded",
    ],
    [
      "starts anew when resumed",
      deployment({ conditions: [progressing("DeploymentPaused", { status: "Unknown" })] }),
      busy,
      "Unknown DeploymentResumed",
    ],
    [
      "expires where its time is missing",
      deployment({ ...counts, conditions: [progressing("ReplicaSetUpdated", { lastUpdateTime: undefined })] }),
      busy,
      "False ProgressDeadlineExceeded",
    ],
  ];
  for (const [what, subject, known, expected] of table) {
    it(what, () => {
      const condition = conditionOf("Progressing", subject, known);
      expect(condition ? `${condition.status} ${condition.reason}` : "none").to.equal(expected);
    });
  }

  it("renews its time with each move, but not the time of its last change of status", () => {
    const condition = conditionOf("Progressing", deployment({ conditions: [moved] }), busy);
    expect(condition).to.include({ lastUpdateTime: at(0), lastTransitionTime: at(-200) });
  });

  it("is as it was where nothing is new, so that nothing is written", () => {
    const known = progressing("NewReplicaSetAvailable");
    expect(
      conditionOf("Progressing", deployment({ ...counted(3), updatedReplicas: 3, conditions: [known] }), done),
    ).to.deep.equal(known);
  });

  const waits: [string, DeploymentCondition, object, number | undefined][] = [
    ["until a second after the deadline", progressing("ReplicaSetUpdated", { lastUpdateTime: at(-20) }), {}, 41_000],
    ["a second where it is over", moved, {}, 1000],
    ["not at all when complete", progressing("NewReplicaSetAvailable"), {}, undefined],
    ["not at all when stuck", stuck, {}, undefined],
    ["not at all while paused", moved, { paused: true }, undefined],
    ["not at all without a deadline", moved, { progressDeadlineSeconds: 2 ** 31 - 1 }, undefined],
  ];
  for (const [what, condition, spec, expected] of waits) {
    it(`is waited for ${what}`, () => {
      const status = { conditions: [condition] };
      expect(deadlineAfterMs(deployment(status, spec), status, NOW)).to.equal(expected);
    });
  }
});

describe("other conditions", () => {
  it("show a ReplicaSet's failure, the current one's first", () => {
    const failing = (name: string) =>
      set(name, 1, {
        status: { conditions: [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: name }] },
      });
    const known = history(failing("new"), failing("old"));
    expect(conditionOf("ReplicaFailure", deployment(), known)).to.include({ reason: "FailedCreate", message: "new" });
    expect(conditionOf("ReplicaFailure", deployment(), history(set("new", 3, full(3))))).to.equal(undefined);
  });

  it("of other people stay", () => {
    const foreign = { type: "Custom", status: "True" as const };
    expect(conditionOf("Custom", deployment({ conditions: [foreign] }), history(undefined))).to.deep.equal(foreign);
  });

  it("change with their status or reason, not with their message alone", () => {
    const facts = { type: "Progressing", status: "False" as const, reason: "ReplicaSetCreateError", message: "first" };
    const first = withCondition(deployment(), facts, NOW);
    const again = withCondition(deployment(first), { ...facts, message: "second" }, NOW + 5_000);
    expect(again).to.deep.equal(first);
  });
});

describe("the conditions of options", () => {
  const asking = (annotations: object, status: object = {}): Deployment =>
    storedObject(deployments, { metadata: { name: "web", annotations }, spec: { replicas: 3, template }, status });
  const known = history(set("new", 3, full(3)));

  it("tell of values that another API server has let in, until they are put right", () => {
    const wrong = asking({ "kctl.dev/canary": "one", "kctl.dev/automatic-rollback": "yes" });
    const told = conditionOf("kctl.dev/InvalidOptions", wrong, known);
    expect(told).to.include({ status: "True", reason: "InvalidValue" });
    expect(told?.message).to.match(
      /^metadata.annotations\[kctl.dev\/automatic-rollback\]: .*; metadata.annotations\[kctl.dev/,
    );
    const { conditions } = statusOf(wrong, known);
    expect(statusOf(asking({ ...wrong.metadata.annotations }, { conditions }), known).conditions).to.deep.equal(
      conditions,
    );
    expect(conditionOf("kctl.dev/InvalidOptions", asking({ "kctl.dev/canary": "1" }, { conditions }), known)).to.equal(
      undefined,
    );
  });

  it("are announced when they say something new, and only then", () => {
    const wrong = asking({ "kctl.dev/canary": "one" });
    const status = statusOf(wrong, known);
    expect(planAnnouncements(wrong.status, status).map(({ reason }) => reason)).to.deep.equal(["InvalidOptions"]);
    expect(planAnnouncements(status, statusOf({ ...wrong, status }, known))).to.deep.equal([]);
  });
});
