// Weighted dominant-resource fairness, by itself: each turn gives one task to whoever is next, until nothing fits.

import { expect } from "chai";
import fc from "fast-check";
import type { ResourceAmounts } from "../../api/core/pod-resources.ts";
import { dominantShare, FairShares, type Sharer } from "./fair-shares.ts";

interface Demand {
  readonly role: string;
  /** What each task asks for. */
  readonly task: ResourceAmounts;
}

/** How many tasks each gets when all want as many as they can have. */
function fill(
  total: ResourceAmounts,
  demands: Readonly<Record<string, Demand>>,
  weights: ReadonlyMap<string, number> = new Map(),
): Readonly<Record<string, number>> {
  const sharers: Sharer[] = Object.entries(demands).map(([name, { role }]) => ({ name, role, holds: {} }));
  const shares = new FairShares({ total, weights, sharers });
  const free: Record<string, number> = { ...total };
  const tasks: Record<string, number> = Object.fromEntries(sharers.map(({ name }) => [name, 0]));
  for (;;) {
    const fitting = Object.entries(demands).filter(([, { task }]) =>
      Object.entries(task).every(([resource, amount]) => amount <= (free[resource] ?? 0)),
    );
    const next = shares.next(new Set(fitting.map(([name]) => name)));
    if (next === undefined) return tasks;
    const task = demands[next]?.task ?? {};
    for (const [resource, amount] of Object.entries(task)) free[resource] = (free[resource] ?? 0) - amount;
    shares.add(next, task);
    tasks[next] = (tasks[next] ?? 0) + 1;
  }
}

describe("dominant-resource fairness", () => {
  const paper = { a: { role: "a", task: { cpu: 1, memory: 4 } }, b: { role: "b", task: { cpu: 3, memory: 1 } } };

  it("gives three tasks and two in the paper's example", () => {
    expect(fill({ cpu: 9, memory: 18 }, paper)).to.deep.equal({ a: 3, b: 2 });
  });

  it("gives twice the share for twice the weight", () => {
    const one = { cpu: 1 };
    const demands = { a: { role: "a", task: one }, b: { role: "b", task: one } };
    expect(fill({ cpu: 90 }, demands, new Map([["a", 2]]))).to.deep.equal({ a: 60, b: 30 });
  });

  it("shares between roles first, then between the parts of each", () => {
    const task = { cpu: 1 };
    const demands = {
      web: { role: "eng/web", task },
      data: { role: "eng/data", task },
      more: { role: "eng/data", task },
      ops: { role: "ops", task },
    };
    const weights = new Map([["eng/web", 3]]);
    expect(fill({ cpu: 160 }, demands, weights)).to.deep.equal({ web: 60, data: 10, more: 10, ops: 80 });
  });

  it("counts frameworks of a role as equals of the role's parts", () => {
    const task = { cpu: 1 };
    const demands = { own: { role: "eng", task }, part: { role: "eng/web", task } };
    expect(fill({ cpu: 10 }, demands)).to.deep.equal({ own: 5, part: 5 });
  });

  it("does not let many frameworks of one role have more than one of another", () => {
    const task = { cpu: 1 };
    const many = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, { role: "many", task }]));
    const tasks = fill({ cpu: 80 }, { ...many, one: { role: "one", task } });
    expect(tasks).to.deep.equal({ a: 10, b: 10, c: 10, d: 10, one: 40 });
  });

  it("gives nothing to whoever is no candidate, nor where there is none", () => {
    const sharers: Sharer[] = [
      { name: "a", role: "a", holds: {} },
      { name: "b", role: "b", holds: { cpu: 5 } },
    ];
    const shares = new FairShares({ total: { cpu: 10 }, weights: new Map(), sharers });
    expect(shares.next(new Set(["b"]))).to.equal("b");
    expect(shares.next(new Set())).to.equal(undefined);
    expect(shares.shareOf("b")).to.equal(0.5);
  });

  it("measures by the resource of which somebody has most, and not by how many pods", () => {
    expect(dominantShare({ cpu: 1, memory: 6, pods: 9 }, { cpu: 10, memory: 10, pods: 10 })).to.equal(0.6);
    expect(dominantShare({ gpu: 1 }, { cpu: 10 })).to.equal(0);
  });

  it("brings the shares to the weights, whatever the tasks and weights", () => {
    const amounts = fc.record({ cpu: fc.integer({ min: 1, max: 20 }), memory: fc.integer({ min: 1, max: 20 }) });
    const roles = fc.array(fc.record({ task: amounts, weight: fc.integer({ min: 1, max: 4 }) }), {
      minLength: 2,
      maxLength: 5,
    });
    fc.assert(
      fc.property(roles, (all) => {
        const total = { cpu: 10_000, memory: 10_000 };
        const demands = Object.fromEntries(all.map(({ task }, index) => [`r${index}`, { role: `r${index}`, task }]));
        const weights = new Map(all.map(({ weight }, index) => [`r${index}`, weight]));
        const tasks = fill(total, demands, weights);
        const weighted = all.map(({ task, weight }, index) => {
          const count = tasks[`r${index}`] ?? 0;
          return dominantShare({ cpu: task.cpu * count, memory: task.memory * count }, total) / weight;
        });
        // While everybody's tasks fit, nobody is further ahead than by one task. When the first does not fit any more, less
        // than 20 of a resource is left, of which each further task takes 1 at least.
        const step = 20 / 10_000;
        const rest = 19 * step;
        expect(Math.max(...weighted) - Math.min(...weighted)).to.be.at.most(rest + step);
      }),
      { numRuns: 60 },
    );
  });
});
