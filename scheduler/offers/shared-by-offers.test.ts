// Frameworks that live on offers, played through to the end: what each comes to hold, and that nothing is given twice.

import { expect } from "chai";
import fc from "fast-check";
import { resourceAmounts, type ResourceAmounts } from "../../api/core/pod-resources.ts";
import type { Offer } from "../../api/kctl-scheduling/offer.ts";
import { GI, inMs, node, offer, sharing, state } from "../../testing/offer-state.ts";
import { addTo, sumOf } from "../queues/amounts.ts";
import type { SharedNode } from "./offer-state.ts";
import { planOffers, type OfferPlan } from "./plan-offers.ts";

/** A framework that takes one task of each offer, and says no to what is too small. */
class Simulation {
  readonly tasks: Record<string, number> = {};
  readonly #demands: Readonly<Record<string, ResourceAmounts>>;
  readonly #nodes: Map<string, SharedNode>;
  readonly #weights: ReadonlyMap<string, number>;
  readonly #allocated: Record<string, Record<string, number>> = {};
  #offers: Offer[] = [];

  constructor(
    nodes: readonly SharedNode[],
    demands: Readonly<Record<string, ResourceAmounts>>,
    weights = new Map<string, number>(),
  ) {
    this.#nodes = new Map(nodes.map((each) => [each.name, each]));
    this.#demands = demands;
    this.#weights = weights;
    for (const name of Object.keys(demands)) [this.tasks[name], this.#allocated[name]] = [0, {}];
  }

  /** Until everybody has declined every node. */
  run(): void {
    for (let rounds = 0; rounds < 10_000; rounds++) {
      const plan = this.#plan();
      this.#checkRoom(plan);
      if (plan.make.length === 0) return;
      for (const { framework, node: on, resources } of plan.make)
        this.#answer(framework.metadata.name, on.name, resources);
    }
    throw new Error("the frameworks are offered things for ever");
  }

  #plan(): OfferPlan {
    const sharers = Object.keys(this.#demands).map((name) => ({
      ...sharing(name, { minimum: { cpu: "1m" } }),
      allocated: this.#allocated[name] ?? {},
    }));
    return planOffers(
      state({ nodes: [...this.#nodes.values()], frameworks: sharers, offers: this.#offers, weights: this.#weights }),
    );
  }

  #checkRoom({ make }: OfferPlan): void {
    for (const { name, allocatable, requested } of this.#nodes.values()) {
      const offered = make.filter(({ node: on }) => on.name === name).map(({ resources }) => resources);
      for (const [resource, amount] of Object.entries(sumOf([requested, ...offered]))) {
        expect(amount, `${resource} of ${name}`).to.be.at.most(allocatable[resource] ?? 0);
      }
    }
  }

  #answer(framework: string, on: string, resources: ResourceAmounts): void {
    const task = this.#demands[framework] ?? {};
    const before = this.#nodes.get(on) ?? expect.fail();
    const fits = Object.entries(task).every(([resource, amount]) => amount <= (resources[resource] ?? 0));
    if (!fits) {
      const status = { phase: "Declined", answeredTime: inMs(-1), filteredUntil: inMs(5000) } as const;
      this.#offers = [...this.#offers, offer(framework, on, { status })];
      return;
    }
    this.#nodes.set(on, { ...before, requested: sumOf([before.requested, task, { pods: 1 }]) });
    addTo((this.#allocated[framework] ??= {}), task, 1);
    this.tasks[framework] = (this.tasks[framework] ?? 0) + 1;
  }
}

describe("a cluster shared by offers", () => {
  it("comes to three tasks and two in the example of the paper", () => {
    const amounts = resourceAmounts({ cpu: "9", memory: "18Gi", pods: "100" });
    const simulation = new Simulation([node("a", { allocatable: amounts })], {
      a: { cpu: 1000, memory: 4 * GI },
      b: { cpu: 3000, memory: GI },
    });
    simulation.run();
    expect(simulation.tasks).to.deep.equal({ a: 3, b: 2 });
  });

  it("is shared by weight", () => {
    const amounts = { cpu: 30_000, memory: 30 * GI, pods: 100 };
    const task = { cpu: 1000, memory: GI };
    const simulation = new Simulation([node("a", { allocatable: amounts })], { a: task, b: task }, new Map([["b", 2]]));
    simulation.run();
    expect(simulation.tasks).to.deep.equal({ a: 10, b: 20 });
  });

  it("never has more offered than is free, comes to rest, and leaves no room that anybody could use", () => {
    const size = fc.record({ cpu: fc.integer({ min: 100, max: 4000 }), memory: fc.integer({ min: 1, max: 8 }) });
    const toAmounts = ({ cpu, memory }: { cpu: number; memory: number }) => ({ cpu, memory: memory * GI });
    const given = fc.record({
      sizes: fc.array(size, { minLength: 1, maxLength: 4 }),
      demands: fc.array(size, { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(given, ({ sizes, demands }) => {
        const nodes = sizes.map((each, index) => node(`n${index}`, { allocatable: { ...toAmounts(each), pods: 110 } }));
        const wants = Object.fromEntries(demands.map((each, index) => [`f${index}`, toAmounts(each)]));
        const simulation = new Simulation(nodes, wants);
        simulation.run();
        const total = Object.values(simulation.tasks).reduce((a, b) => a + b, 0);
        const fitsSomewhere = demands.some(({ cpu, memory }) =>
          sizes.some((each) => cpu <= each.cpu && memory <= each.memory),
        );
        expect(total > 0).to.equal(fitsSomewhere);
      }),
      { numRuns: 50 },
    );
  });
});
