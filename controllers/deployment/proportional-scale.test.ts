import { expect } from "chai";
import fc from "fast-check";
import { deployments } from "../../api/apps/deployment.ts";
import { replicaSets, type ReplicaSet } from "../../api/apps/replica-set.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { rolloutBounds } from "./bounds.ts";
import { planProportionalScale } from "./proportional-scale.ts";

interface Shape {
  readonly replicas: number;
  readonly available?: number;
}

/** `before`: the size that the ReplicaSets were made for. */
function plan(
  desired: number,
  [current, ...old]: (Shape | undefined)[],
  { before = 10, maxSurge = 3, type = "RollingUpdate" } = {},
) {
  const set = (name: string, { replicas, available = replicas }: Shape): ReplicaSet =>
    storedObject(replicaSets, {
      metadata: {
        name,
        creationTimestamp: `2026-01-0${name === "new" ? 9 : name.slice(3)}T00:00:00Z`,
        annotations: {
          "deployment.kubernetes.io/desired-replicas": String(before),
          "deployment.kubernetes.io/max-replicas": String(before + maxSurge),
        },
      },
      spec: { replicas },
      status: { replicas, availableReplicas: available },
    });
  const strategy = type === "Recreate" ? { type } : { type, rollingUpdate: { maxSurge, maxUnavailable: 2 } };
  const deployment = storedObject(deployments, { spec: { replicas: desired, strategy } });
  const history = {
    current: current && set("new", current),
    old: old.map((shape, index) => set(`old${index + 1}`, shape as Shape)),
  };
  return Object.fromEntries(planProportionalScale(rolloutBounds(deployment), deployment, history));
}

describe("scaling in the middle of a rollout", () => {
  const table: [string, Record<string, number>, Record<string, number>][] = [
    ["gives all to the only one with pods", plan(5, [{ replicas: 0 }, { replicas: 10 }]), { old1: 5 }],
    ["gives all to the new one where none has pods", plan(5, [{ replicas: 0 }, { replicas: 0 }]), { new: 5 }],
    [
      "gives all to the newest where there is no new one",
      plan(5, [undefined, { replicas: 0 }, { replicas: 0 }]),
      { old2: 5 },
    ],
    ["changes nothing where the only one is right", plan(10, [undefined, { replicas: 10 }]), {}],
    ["shares an increase out", plan(20, [{ replicas: 5 }, { replicas: 8 }]), { new: 9, old1: 14 }],
    ["shares a decrease out", plan(5, [{ replicas: 5 }, { replicas: 8 }]), { new: 3, old1: 5 }],
    ["empties all for zero", plan(0, [{ replicas: 5 }, { replicas: 8 }]), { new: 0, old1: 0 }],
    [
      "gives the newer of two equal ones the rest of an increase",
      plan(12, [{ replicas: 6 }, { replicas: 6 }], { before: 9 }),
      { new: 8, old1: 7 },
    ],
    ["ends the old ones where the new one is complete", plan(10, [{ replicas: 10 }, { replicas: 2 }]), { old1: 0 }],
    ["waits where Recreate has two at once", plan(20, [{ replicas: 5 }, { replicas: 8 }], { type: "Recreate" }), {}],
    ["changes nothing where the sum is right", plan(10, [{ replicas: 5 }, { replicas: 8 }]), {}],
  ];
  for (const [what, sizes, expected] of table) {
    it(what, () => {
      expect(sizes).to.deep.equal(expected);
    });
  }

  it("reaches exactly the allowed sum, unless the one that takes the rest has less to give, as in Kubernetes", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 10 }),
        (replicas, desired, maxSurge) => {
          const total = replicas.reduce((a, b) => a + b, 0);
          const shapes = replicas.map((count) => ({ replicas: count, available: 0 }));
          const result = plan(desired, shapes, { before: Math.max(1, total - maxSurge), maxSurge });
          const names = ["new", ...replicas.slice(1).map((_, index) => `old${index + 1}`)];
          const after = names.map((name, index) => result[name] ?? replicas[index] ?? 0);
          expect(Math.min(...after)).to.be.at.least(0);
          const sum = after.reduce((a, b) => a + b, 0);
          if (after.includes(0)) expect(sum).to.be.at.least(desired + maxSurge);
          else expect(sum).to.equal(desired + maxSurge);
        },
      ),
      { numRuns: 300, examples: [[[2, 2, 2, 2], 1, 1]] },
    );
  });
});
