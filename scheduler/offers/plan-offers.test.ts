// Plans of offers: a cluster of plain data, changed by hand, on a clock of plain numbers.

import { expect } from "chai";
import { inMs, node, NOW, offer, sharing, state } from "../../testing/offer-state.ts";
import { connectionStatus } from "./connection.ts";
import type { OfferState } from "./offer-state.ts";
import { OUTSTANDING_MAX, planOffers, type OfferPlan } from "./plan-offers.ts";

const madeBy = ({ make }: OfferPlan) => make.map(({ framework, node: on }) => `${framework.metadata.name} ${on.name}`);
const endedBy = ({ end }: OfferPlan) => end.map(({ phase, message }) => `${phase}: ${message}`);

describe("new offers", () => {
  interface Case {
    readonly title: string;
    readonly given: Partial<OfferState>;
    readonly offered: readonly string[];
  }
  const x = sharing("x");
  const cases: readonly Case[] = [
    { title: "are not made where there is no framework", given: {}, offered: [] },
    {
      title: "hold each node's rest",
      given: { frameworks: [x], nodes: [node("b"), node("a")] },
      offered: ["x a", "x b"],
    },
    {
      title: "are not made of nodes that take no pods",
      given: { frameworks: [x], nodes: [node("a", { isOpen: false })] },
      offered: [],
    },
    {
      title: "are not made of another pool",
      given: { frameworks: [x], nodes: [node("a", { pool: "p" })] },
      offered: [],
    },
    {
      title: "are not made of what is offered already",
      given: { frameworks: [x], offers: [offer("x", "a")] },
      offered: [],
    },
    {
      title: "go to frameworks that want some",
      given: { frameworks: [sharing("s", { suppressed: true }), x] },
      offered: ["x a"],
    },
    {
      title: "are not made of full nodes",
      given: { frameworks: [x], nodes: [node("a", { requested: { cpu: 3995, memory: 0, pods: 3 } })] },
      offered: [],
    },
    {
      title: "hold no less than the framework wants at least",
      given: { frameworks: [sharing("x", { minimum: { "nvidia.com/gpu": "1" } })] },
      offered: [],
    },
    {
      title: "wait while the node is filtered",
      given: {
        frameworks: [x],
        offers: [offer("x", "a", { status: { phase: "Declined", answeredTime: inMs(-1000), filteredUntil: inMs(1) } })],
      },
      offered: [],
    },
    {
      title: "come once the filter is over",
      given: {
        frameworks: [x],
        offers: [offer("x", "a", { status: { phase: "Declined", answeredTime: inMs(-5000), filteredUntil: inMs(0) } })],
      },
      offered: ["x a"],
    },
    {
      title: "come in spite of filters from before a revival",
      given: {
        frameworks: [sharing("x", {}, { revivedTime: inMs(-10) })],
        offers: [
          offer("x", "a", { status: { phase: "Declined", answeredTime: inMs(-20), filteredUntil: inMs(5000) } }),
        ],
      },
      offered: ["x a"],
    },
    {
      title: "go to another framework meanwhile",
      given: {
        frameworks: [x, sharing("y")],
        offers: [offer("x", "a", { status: { phase: "Declined", answeredTime: inMs(-1000), filteredUntil: inMs(1) } })],
      },
      offered: ["y a"],
    },
    {
      title: "wait while the framework is penalised for offers that have expired",
      given: { frameworks: [sharing("x", {}, { unansweredRounds: 1, offersResumeTime: inMs(1) })] },
      offered: [],
    },
    {
      title: "do not go to a framework that is silent for too long",
      given: {
        frameworks: [
          sharing("x", { failoverTimeoutSeconds: 60 }, { unansweredRounds: 2, lastContactTime: inMs(-60_000) }),
        ],
      },
      offered: [],
    },
    {
      title: "go to it again when it is heard of",
      given: {
        frameworks: [
          sharing(
            "x",
            { failoverTimeoutSeconds: 60 },
            { unansweredRounds: 2, lastContactTime: inMs(-60_000), revivedTime: inMs(-1), offersResumeTime: inMs(99) },
          ),
        ],
      },
      offered: ["x a"],
    },
    {
      title: "go to whoever holds the smallest share",
      given: { frameworks: [{ ...sharing("x"), allocated: { cpu: 1000 } }, sharing("y")] },
      offered: ["y a"],
    },
    {
      title: "go by turns, as offers count as held",
      given: { frameworks: [x, sharing("y")], nodes: ["a", "b", "c", "d"].map((name) => node(name)) },
      offered: ["x a", "y b", "x c", "y d"],
    },
  ];
  for (const { title, given, offered } of cases) {
    it(title, () => {
      expect(madeBy(planOffers(state(given)))).to.deep.equal(offered);
    });
  }

  it("hold what the role has reserved, and leave alone what others have", () => {
    const reserved = node("a", { reservations: [{ role: "x", amounts: { cpu: 3000 } }] });
    const [first] = planOffers(state({ nodes: [reserved], frameworks: [sharing("x")] })).make;
    expect(first?.resources).to.include({ cpu: 4000 });
    const [second] = planOffers(state({ nodes: [reserved], frameworks: [sharing("y")] })).make;
    expect(second?.resources).to.include({ cpu: 1000 });
  });

  it("keep a framework within its limit, and give the rest to others", () => {
    const limited = { ...sharing("x", { limit: { cpu: "3" } }), allocated: { cpu: 2000 } };
    const busy = { ...sharing("y"), allocated: { cpu: 9000 } };
    const { make } = planOffers(state({ frameworks: [limited, busy] }));
    expect(make.map(({ framework, resources }) => [framework.metadata.name, resources.cpu])).to.deep.equal([
      ["x", 1000],
    ]);
    const rest = planOffers(
      state({
        frameworks: [
          { ...limited, framework: sharing("x", { limit: { cpu: "3", pods: "10", memory: "1Gi" } }).framework },
          busy,
        ],
      }),
    ).make;
    expect(rest.map(({ framework, resources }) => [framework.metadata.name, resources.cpu])).to.deep.equal([
      ["x", 1000],
      ["y", 3000],
    ]);
  });

  it("are bounded in number", () => {
    const nodes = Array.from({ length: 300 }, (_, index) => node(`n${index}`));
    const { make } = planOffers(state({ nodes, frameworks: [sharing("x")] }));
    expect(make).to.have.lengthOf(OUTSTANDING_MAX);
  });

  it("last as long as the framework says", () => {
    const plan = planOffers(state({ frameworks: [sharing("x", { offerTimeoutSeconds: 7 })] }));
    expect(plan.make[0]?.expiresAtMs).to.equal(NOW + 7000);
    expect(plan.nextMs).to.equal(NOW + 7000);
  });
});

describe("offers that were made", () => {
  const x = sharing("x");
  const outstanding = [offer("x", "a", { resources: { cpu: 2000, pods: 5 } })];
  const cases: readonly (readonly [title: string, given: Partial<OfferState>, ended: readonly string[]])[] = [
    ["stand while they hold", { offers: outstanding }, []],
    ["expire", { offers: [offer("x", "a", { expiresInMs: 0 })] }, ["Expired: the framework has not answered in time"]],
    ["are rescinded when the node goes", { nodes: [], offers: outstanding }, ["Rescinded: the node a is gone"]],
    [
      "are rescinded when the node is cordoned",
      { nodes: [node("a", { isOpen: false })], offers: outstanding },
      ["Rescinded: the node a takes no pods now"],
    ],
    [
      "stand while another scheduler takes what was not offered",
      { nodes: [node("a", { requested: { cpu: 2000, pods: 100 } })], offers: outstanding },
      [],
    ],
    [
      "are rescinded when another scheduler takes what they hold",
      { nodes: [node("a", { requested: { cpu: 2001, pods: 1 } })], offers: outstanding },
      ["Rescinded: another scheduler has used a part of it"],
    ],
    [
      "are rescinded when a role reserves what they hold",
      { nodes: [node("a", { reservations: [{ role: "y", amounts: { cpu: 3000 } }] })], offers: outstanding },
      ["Rescinded: another scheduler has used a part of it"],
    ],
    [
      "are rescinded when the framework has another role",
      { frameworks: [sharing("x", { role: "z" })], offers: outstanding },
      ["Rescinded: the framework has another role now: z"],
    ],
    [
      "are rescinded when the framework is silent for too long",
      {
        frameworks: [
          sharing("x", { failoverTimeoutSeconds: 5 }, { unansweredRounds: 1, lastContactTime: inMs(-9000) }),
        ],
        offers: outstanding,
      },
      ["Rescinded: the framework has not been heard of"],
    ],
  ];
  for (const [title, given, ended] of cases) {
    it(title, () => {
      expect(endedBy(planOffers(state({ frameworks: [x], ...given })))).to.deep.equal(ended);
    });
  }

  it("are removed with their framework, and when their filter is over", () => {
    const declined = (framework: string, ms: number) =>
      offer(framework, "a", { status: { phase: "Declined", answeredTime: inMs(-50), filteredUntil: inMs(ms) } });
    const all = [
      declined("x", 1),
      declined("x", 0),
      offer("gone", "a"),
      offer("x", "a", { status: { phase: "Rescinded" } }),
    ];
    const { remove } = planOffers(state({ frameworks: [x], offers: all }));
    expect(remove).to.have.members(all.slice(1));
  });
});

describe("a framework that answers nothing", () => {
  it("gets its next offers later each time, and others get them meanwhile", () => {
    const waits: number[] = [];
    let silent = sharing("x");
    for (let round = 0; round < 8; round++) {
      const { standings, make } = planOffers(
        state({ frameworks: [silent, sharing("y")], offers: [offer("x", "a", { expiresInMs: 0 })] }),
      );
      expect(make.map(({ framework }) => framework.metadata.name)).to.deep.equal(["y"]);
      const connection = standings[0]?.connection ?? expect.fail();
      waits.push(((connection.resumeMs ?? 0) - NOW) / 1000);
      silent = sharing("x", {}, connectionStatus(connection));
    }
    expect(waits).to.deep.equal([5, 10, 20, 40, 80, 160, 300, 300]);
  });

  it("is forgiven as soon as it answers", () => {
    const silent = sharing("x", {}, { unansweredRounds: 5, offersResumeTime: inMs(80_000) });
    const answered = offer("x", "b", { status: { phase: "Accepted", answeredTime: inMs(-5) } });
    const plan = planOffers(state({ frameworks: [silent], offers: [answered] }));
    expect(madeBy(plan)).to.deep.equal(["x a"]);
    expect(plan.standings[0]?.connection).to.include({ unansweredRounds: 0, lastContactMs: NOW - 5 });
  });
});
