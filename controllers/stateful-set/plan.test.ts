import { expect } from "chai";
import type { StatefulSet } from "../../api/apps/stateful-set.ts";
import { statefulSets } from "../../api/apps/stateful-set.ts";
import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import type { Pod } from "../../api/core/pod.ts";
import { newPod } from "../../testing/builders.ts";
import { claimTemplates, newStatefulSet } from "../../testing/stateful-set.ts";
import { newClaim } from "../../testing/storage-builders.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { planActions } from "./plan.ts";

type Spec = Parameters<typeof newStatefulSet>[1];

const setOf = (replicas: number, spec: Spec = {}): StatefulSet => {
  const { metadata, ...rest } = newStatefulSet(replicas, spec);
  return storedObject(statefulSets, { ...rest, metadata: { ...metadata, uid: "set" }, status: { replicas: 0 } });
};

type State = "ready" | "unready" | "ending" | "failed" | "pending";

/** `web-N ready old`, where old means another revision than the one that is rolled out. */
function podOf(text: string): Pod {
  const [name = "", state, revision = "new"] = text.split(" ") as [string, State, string?];
  const labels = {
    app: "web",
    "statefulset.kubernetes.io/pod-name": name,
    "controller-revision-hash": revision,
  };
  const phase = state === "failed" ? "Failed" : state === "pending" ? "Pending" : "Running";
  const ready = state === "ready" || state === "ending" ? "True" : "False";
  const status = {
    phase,
    conditions: [{ type: "Ready", status: ready, lastTransitionTime: "2026-01-01T00:00:00Z" }],
  };
  const { metadata, ...rest } = newPod(name, { labels, status: status as Pod["status"] });
  const deletionTimestamp = state === "ending" ? "2026-01-01T00:00:00Z" : undefined;
  return { ...rest, metadata: { ...metadata, uid: name, deletionTimestamp } } as unknown as Pod;
}

function planned(set: StatefulSet, pods: readonly string[], claims: readonly PersistentVolumeClaim[] = []): string {
  const { template } = set.spec;
  const actions = planActions(set, {
    pods: pods.map(podOf),
    current: { template, revision: "old" },
    update: { template, revision: "new" },
    claim: (name) => claims.find(({ metadata }) => metadata.name === name),
    nowMs: Date.parse("2026-01-01T00:01:00Z"),
  });
  return actions
    .map(({ type, pod }) => {
      const revision = type === "create" ? `:${pod.metadata.labels?.["controller-revision-hash"]}` : "";
      return `${type} ${pod.metadata.name}${revision}`;
    })
    .join(", ");
}

const parallel: Spec = { podManagementPolicy: "Parallel" };
const partition = (from: number): Spec => ({
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: from } },
});

const atMost = (maxUnavailable: number | string, from = 0): Spec => ({
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: from, maxUnavailable } },
});
const OLD = [0, 1, 2, 3].map((ordinal) => `web-${ordinal} ready old`);

describe("what a StatefulSet does next", () => {
  const cases: readonly (readonly [string, Spec, number, readonly string[], string])[] = [
    ["makes the first pod", {}, 3, [], "create web-0:new"],
    ["makes all pods at once in parallel", parallel, 2, [], "create web-0:new, create web-1:new"],
    ["makes the next pod once the last is ready", {}, 3, ["web-0 ready"], "create web-1:new"],
    ["waits for a pod that is not ready", {}, 3, ["web-0 unready"], ""],
    ["waits for a pod that is on its way out", {}, 3, ["web-0 ending"], ""],
    ["waits until a pod is available", { minReadySeconds: 90 }, 2, ["web-0 ready"], ""],
    ["fills a gap first", {}, 3, ["web-0 ready", "web-2 ready"], "create web-1:new"],
    ["removes what has ended", {}, 2, ["web-0 failed", "web-1 ready"], "delete web-0"],
    [
      "removes the highest of those that are too many",
      {},
      1,
      ["web-0 ready", "web-1 ready", "web-2 ready"],
      "delete web-2",
    ],
    ["removes one after the other", {}, 0, ["web-1 ready", "web-2 ending"], ""],
    ["removes none while a lower one is not well", {}, 0, ["web-1 unready", "web-2 unready"], ""],
    ["removes one that is not well if all below it are", {}, 0, ["web-1 ready", "web-2 unready"], "delete web-2"],
    ["removes none while one that stays is not well", {}, 1, ["web-0 unready", "web-1 ready"], ""],
    ["removes all at once in parallel", parallel, 0, ["web-1 unready", "web-2 ready"], "delete web-2, delete web-1"],
    [
      "counts from the first ordinal",
      { ordinals: { start: 2 } },
      2,
      ["web-1 ready", "web-2 ready"],
      "create web-3:new",
    ],
    ["updates the highest pod", {}, 2, ["web-0 ready old", "web-1 ready old"], "delete web-1"],
    ["updates the next once that is ready", {}, 2, ["web-0 ready old", "web-1 ready"], "delete web-0"],
    ["updates one pod at a time in parallel too", parallel, 2, ["web-0 ready old", "web-1 unready"], ""],
    ["updates as many at a time as may be missing", atMost(2), 4, OLD, "delete web-3, delete web-2"],
    ["updates no more than there are", atMost(9), 2, OLD.slice(0, 2), "delete web-1, delete web-0"],
    ["rounds percentages down", atMost("70%"), 4, OLD, "delete web-3, delete web-2"],
    ["takes what is no number for one", atMost("many"), 4, OLD, "delete web-3"],
    ["but updates one at least", atMost("10%"), 4, OLD, "delete web-3"],
    [
      "counts what is missing already",
      { ...parallel, ...atMost(2) },
      4,
      [...OLD.slice(0, 2), "web-2 ready", "web-3 unready"],
      "delete web-1",
    ],
    [
      "counts what is missing below, too",
      { ...parallel, ...atMost(2, 1) },
      4,
      ["web-0 pending old", ...OLD.slice(1)],
      "delete web-3",
    ],
    [
      "waits while enough are missing",
      { ...parallel, ...atMost(2) },
      4,
      [...OLD.slice(0, 2), "web-2 ending old", "web-3 unready"],
      "",
    ],
    [
      "counts pods that are there, but not for long enough",
      { ...parallel, ...atMost(2), minReadySeconds: 90 },
      3,
      [...OLD.slice(0, 1), "web-1 ready", "web-2 ready"],
      "",
    ],
    [
      "replaces old pods that are broken, however many are missing",
      { ...parallel, ...atMost(1) },
      3,
      ["web-0 unready old", "web-1 pending old", "web-2 ready old"],
      "delete web-1, delete web-0",
    ],
    [
      "makes pods again one after the other, if they follow each other",
      atMost(2),
      4,
      [...OLD.slice(0, 2), "web-3 ready"],
      "create web-2:new",
    ],
    ["updates several, but none below the partition", atMost(3, 3), 4, OLD, "delete web-3"],
    ["updates none below the partition", partition(1), 2, ["web-0 ready old", "web-1 ready"], ""],
    ["makes pods below the partition as they were", partition(1), 2, ["web-1 ready"], "create web-0:old"],
    ["updates none itself on delete", { updateStrategy: { type: "OnDelete" } }, 1, ["web-0 ready old"], ""],
    ["makes a deleted pod anew of the newest", { updateStrategy: { type: "OnDelete" } }, 1, [], "create web-0:new"],
    ["makes the claims that a waiting pod lacks", claimTemplates, 1, ["web-0 pending"], "createClaims web-0"],
    ["gives a pod its volumes", claimTemplates, 1, ["web-0 ready"], "correct web-0"],
    ["does nothing when all is well", {}, 2, ["web-0 ready", "web-1 ready"], ""],
  ];
  for (const [title, spec, replicas, pods, expected] of cases) {
    it(title, () => expect(planned(setOf(replicas, spec), pods)).to.equal(expected));
  }

  it("makes no pod while an earlier one of the name is about to take the claim with it", () => {
    const owner = { apiVersion: "v1", kind: "Pod", name: "web-0", uid: "earlier", controller: true };
    const claim = newClaim("data-web-0", { metadata: { ownerReferences: [owner] } }) as PersistentVolumeClaim;
    expect(planned(setOf(1, claimTemplates), [], [claim])).to.equal("");
    expect(planned(setOf(1, claimTemplates), [])).to.equal("create web-0:new");
  });

  it("plans no more than it can do at a time, however many pods are wanted", () => {
    expect(planned(setOf(2_147_483_647, parallel), []).split(", ")).to.have.length(500);
  });

  it("does nothing for a set that is being deleted", () => {
    const set = setOf(3);
    const metadata = { ...set.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" };
    expect(planned({ ...set, metadata }, [])).to.equal("");
  });
});
