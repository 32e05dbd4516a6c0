import { expect } from "chai";
import { replicaSets, type ReplicaSet } from "../../api/apps/replica-set.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { failureCause } from "./failure-cause.ts";

const set = (conditions: readonly object[] = []): ReplicaSet =>
  storedObject(replicaSets, { metadata: { name: "web-1" }, spec: {}, status: { conditions } });
const pod = (status: object, name = "web-1-a"): Pod =>
  storedObject(pods, { metadata: { name }, spec: { containers: [] }, status });
const container = (state: object, lastState?: object) => ({
  containerStatuses: [{ name: "main", ready: false, restartCount: 0, image: "", imageID: "", state, lastState }],
});
const ready = { conditions: [{ type: "Ready", status: "True" }] };

describe("why the pods of a ReplicaSet are not available", () => {
  const refused = {
    type: "ReplicaFailure",
    status: "True",
    reason: "FailedCreate",
    message: 'pods "web-1-x" is forbidden: exceeded quota',
  };
  const cases: readonly (readonly [cause: string, status: readonly object[], conditions?: readonly object[]])[] = [
    ['pods "web-1-x" is forbidden: exceeded quota', [ready], [refused]],
    [
      "pod web-1-a: container main: ImagePullBackOff: Back-off pulling image",
      [container({ waiting: { reason: "ImagePullBackOff", message: "Back-off pulling image" } })],
    ],
    [
      "pod web-1-a: container main: CrashLoopBackOff, exit code 3",
      [container({ waiting: { reason: "CrashLoopBackOff" } }, { terminated: { exitCode: 3 } })],
    ],
    ["pod web-1-a: container main: Error, exit code 1", [container({ terminated: { exitCode: 1, reason: "Error" } })]],
    [
      "pod web-1-a: Unschedulable: 0/3 nodes are available",
      [
        {
          conditions: [
            { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes are available" },
          ],
        },
      ],
    ],
    ["pod web-1-a: Evicted: low on memory", [{ phase: "Failed", reason: "Evicted", message: "low on memory" }]],
    ["pod web-1-a: it runs, but is not ready", [{ phase: "Running" }]],
    ["1 of its pods is not ready", [container({ waiting: { reason: "ContainerCreating" } })]],
    ["its pods are ready, but not all of them are available", [ready]],
    ["it has no pods", []],
  ];
  for (const [cause, statuses, conditions] of cases) {
    it(`is told as: ${cause}`, () => {
      expect(
        failureCause(
          set(conditions),
          statuses.map((status) => pod(status)),
        ),
      ).to.equal(cause);
    });
  }

  it("is told of the first pod that has a cause, in few words", () => {
    const long = container({ waiting: { reason: "ErrImagePull", message: "x".repeat(5000) } });
    const cause = failureCause(undefined, [pod({ phase: "Running" }, "b"), pod(ready, "a"), pod(long, "aa")]);
    expect(cause)
      .to.match(/^pod aa: container main: ErrImagePull: x+…$/)
      .and.have.length(501);
  });
});
