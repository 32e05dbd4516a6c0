import { expect } from "chai";
import fc from "fast-check";
import type { Deployment } from "../../api/apps/deployment.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import { rolloutBounds } from "./bounds.ts";
import { DESIRED_REPLICAS, MAX_REPLICAS } from "./history.ts";
import { planRollout, type RolloutState } from "./rollout.ts";

interface Size {
  readonly replicas: number;
  readonly available?: number;
}

function deployment(spec: Partial<Deployment["spec"]>): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default", uid: "d", resourceVersion: "1", creationTimestamp: "" },
    spec: { selector: {}, template: { spec: { containers: [] } }, strategy: { type: "RollingUpdate" }, ...spec },
    status: {},
  };
}

function replicaSet(
  name: string,
  { replicas, available = replicas }: Size,
  [desired, most] = [replicas, replicas],
): ReplicaSet {
  const annotations = { [DESIRED_REPLICAS]: String(desired), [MAX_REPLICAS]: String(most) };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name,
      uid: name,
      resourceVersion: "1",
      creationTimestamp: `2026-01-0${name.length}T00:00:00Z`,
      annotations,
    },
    spec: { replicas, selector: {}, template: { spec: { containers: [] } } },
    status: { replicas, availableReplicas: available },
  };
}

const rolling = (maxSurge: number | string, maxUnavailable: number | string): Deployment["spec"]["strategy"] => ({
  type: "RollingUpdate",
  rollingUpdate: { maxSurge, maxUnavailable },
});

describe("the bounds of a rollout", () => {
  const table: [number, number | string, number | string, number, number][] = [
    [10, "25%", "25%", 3, 2],
    [3, "25%", "25%", 1, 0],
    [4, 0, "25%", 0, 1],
    [1, 0, "10%", 0, 1],
    [10, 2, 20, 2, 10],
  ];
  for (const [replicas, surge, unavailable, maxSurge, maxUnavailable] of table) {
    it(`are ${maxSurge} and ${maxUnavailable} for ${replicas} replicas with surge ${surge}, unavailable ${unavailable}`, () => {
      const bounds = rolloutBounds(deployment({ replicas, strategy: rolling(surge, unavailable) }));
      expect(bounds).to.deep.equal({ desired: replicas, maxSurge, maxUnavailable });
    });
  }
});

describe("a rollout's next step", () => {
  const state = (current: Size | undefined, ...old: Size[]): RolloutState => {
    const desired = 10;
    return {
      current: current && replicaSet("new", current, [desired, 13]),
      old: old.map((size, index) => replicaSet("o".repeat(index + 1), size, [desired, 13])),
      oldPodsRunning: old.some(({ replicas }) => replicas > 0),
    };
  };
  const ten = deployment({ replicas: 10, strategy: rolling(3, 2) });
  const sizes = (entries: Readonly<Record<string, number>>) => ({ sizes: new Map(Object.entries(entries)) });

  it("creates the new ReplicaSet as large as the surge allows", () => {
    expect(planRollout(ten, state(undefined, { replicas: 10 }))).to.deep.equal({ ...sizes({}), create: 3 });
  });

  it("creates all at once where there is nothing old", () => {
    expect(planRollout(ten, state(undefined))).to.deep.equal({ ...sizes({}), create: 10 });
  });

  it("shrinks the old ones by what may be unavailable", () => {
    expect(planRollout(ten, state({ replicas: 3, available: 0 }, { replicas: 10 }))).to.deep.equal(sizes({ o: 8 }));
  });

  it("grows the new one into the room that was made", () => {
    expect(planRollout(ten, state({ replicas: 3, available: 3 }, { replicas: 5 }))).to.deep.equal(sizes({ new: 8 }));
  });

  it("gives up unavailable old pods first", () => {
    const step = planRollout(ten, state({ replicas: 3, available: 0 }, { replicas: 6 }, { replicas: 4, available: 2 }));
    expect(step).to.deep.equal(sizes({ oo: 2 }));
  });

  it("waits while too few are available", () => {
    expect(planRollout(ten, state({ replicas: 5, available: 0 }, { replicas: 8 }))).to.deep.equal(sizes({}));
  });

  it("does nothing once everything is new", () => {
    expect(planRollout(ten, state({ replicas: 10 }, { replicas: 0 }))).to.deep.equal(sizes({}));
  });

  it("takes the surplus off when the new one is larger than wanted", () => {
    const five = deployment({ replicas: 5, strategy: rolling(1, 1) });
    const current = replicaSet("new", { replicas: 8 }, [5, 6]);
    expect(planRollout(five, { current, old: [], oldPodsRunning: false })).to.deep.equal(sizes({ new: 5 }));
  });

  it("starts nothing new while paused", () => {
    const paused = deployment({ replicas: 10, paused: true, strategy: rolling(3, 2) });
    expect(planRollout(paused, state(undefined, { replicas: 10 }))).to.deep.equal(sizes({}));
  });

  it("shares a change of size out between the ReplicaSets that have pods", () => {
    const twenty = deployment({ replicas: 20, strategy: rolling(3, 2) });
    const step = planRollout(twenty, state({ replicas: 5, available: 5 }, { replicas: 8 }));
    expect([...step.sizes.values()].reduce((a, b) => a + b, 0)).to.equal(23);
    expect(step).to.deep.equal(sizes({ o: 14, new: 9 }));
  });

  it("recreates: all old pods go, and the new ones come when the last is gone", () => {
    const recreate = deployment({ replicas: 10, strategy: { type: "Recreate" } });
    expect(planRollout(recreate, state(undefined, { replicas: 10 }))).to.deep.equal(sizes({ o: 0 }));
    const draining = { ...state(undefined, { replicas: 0 }), oldPodsRunning: true };
    expect(planRollout(recreate, draining)).to.deep.equal(sizes({}));
    expect(planRollout(recreate, state(undefined, { replicas: 0 }))).to.deep.equal({ ...sizes({}), create: 10 });
  });
});

describe("any rolling update", () => {
  const bound = fc.oneof(
    fc.integer({ min: 0, max: 12 }),
    fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
  );
  const scenario = fc.record({
    replicas: fc.integer({ min: 1, max: 30 }),
    maxSurge: bound,
    maxUnavailable: bound,
    readiness: fc.array(fc.nat({ max: 100 }), { minLength: 400, maxLength: 400 }),
  });

  it("keeps its bounds after every step, and ends with the new pods only", () => {
    fc.assert(
      fc.property(scenario, ({ replicas, maxSurge, maxUnavailable, readiness }) => {
        const subject = deployment({ replicas, strategy: rolling(maxSurge, maxUnavailable) });
        const bounds = rolloutBounds(subject);
        const most = replicas + bounds.maxSurge;
        let current: Size | undefined;
        let old: Size = { replicas, available: replicas };
        for (const chance of readiness) {
          const step = planRollout(subject, {
            current: current && replicaSet("new", current, [replicas, most]),
            old: [replicaSet("o", old, [replicas, most])],
            oldPodsRunning: old.replicas > 0,
          });
          if (step.create !== undefined) current = { replicas: step.create, available: 0 };
          const newSize = step.sizes.get("new");
          if (current && newSize !== undefined) current = resized(current, newSize);
          old = resized(old, step.sizes.get("o") ?? old.replicas);
          // Some of the pods that wait become available, as chance has it.
          if (current) current = { ...current, available: available(current) + waiting(current, chance) };
          expect(old.replicas + (current?.replicas ?? 0)).to.be.at.most(most);
          expect(available(old) + (current ? available(current) : 0)).to.be.at.least(replicas - bounds.maxUnavailable);
        }
        expect(current).to.deep.equal({ replicas, available: replicas });
        expect(old.replicas).to.equal(0);
      }),
      { numRuns: 60 },
    );
  });

  const available = (size: Size) => size.available ?? size.replicas;
  const resized = (size: Size, replicas: number): Size => ({
    replicas,
    available: Math.min(available(size), replicas),
  });
  const waiting = (size: Size, chance: number) => Math.ceil(((size.replicas - available(size)) * chance) / 100);
});
