import { expect } from "chai";
import { reservations, type HeldReservation, type Reservation } from "../../api/kctl-scheduling/reservation.ts";
import { node, NOW } from "../../testing/offer-state.ts";
import { storedObject } from "../../testing/stored-object.ts";
import type { SharedNode } from "./offer-state.ts";
import { planReservations } from "./plan-reservations.ts";

const cpu = (amount: string) => ({ cpu: amount });
const held = (on: string, amount = "2", role = "web"): HeldReservation => ({ node: on, role, resources: cpu(amount) });

function reservation(spec: object, already: readonly HeldReservation[] = [], name = "r"): Reservation {
  return storedObject(reservations, {
    metadata: { name },
    spec: { role: "web", resources: cpu("2"), ...spec },
    status: already.length > 0 ? { held: already } : {},
  });
}

interface Case {
  readonly title: string;
  readonly nodes: readonly SharedNode[];
  readonly given: Reservation;
  readonly where: readonly string[];
  readonly isHeld: boolean;
}

const busy = (name: string, millis: number) => node(name, { requested: { cpu: millis } });

const cases: readonly Case[] = [
  {
    title: "go to the emptiest node",
    nodes: [busy("a", 1500), node("b")],
    given: reservation({}),
    where: ["b"],
    isHeld: true,
  },
  {
    title: "go to the node they name",
    nodes: [node("a"), busy("b", 1500)],
    given: reservation({ node: "b" }),
    where: ["b"],
    isHeld: true,
  },
  {
    title: "go to a node with their labels",
    nodes: [node("a"), node("b", { labels: { zone: "z" } })],
    given: reservation({ nodeSelector: { zone: "z" } }),
    where: ["b"],
    isHeld: true,
  },
  {
    title: "go to several nodes, each once",
    nodes: [node("a"), node("b")],
    given: reservation({ nodes: 2 }),
    where: ["a", "b"],
    isHeld: true,
  },
  {
    title: "hold what they can",
    nodes: [node("a"), busy("b", 3000)],
    given: reservation({ nodes: 2 }),
    where: ["a"],
    isHeld: false,
  },
  { title: "find no room on full nodes", nodes: [busy("a", 2001)], given: reservation({}), where: [], isHeld: false },
  {
    title: "pass nodes by that take no pods",
    nodes: [node("a", { isOpen: false })],
    given: reservation({}),
    where: [],
    isHeld: false,
  },
  {
    title: "count what the role uses there already",
    nodes: [node("a", { requested: { cpu: 3500 }, requestsByRole: { "web/x": { cpu: 2000 } } })],
    given: reservation({}),
    where: ["a"],
    isHeld: true,
  },
  {
    title: "leave alone what others have set aside",
    nodes: [node("a", { reservations: [{ role: "ops", amounts: { cpu: 3000 } }] })],
    given: reservation({}),
    where: [],
    isHeld: false,
  },
  {
    title: "stay where they are, though the node is full and closed",
    nodes: [node("a", { isOpen: false, requested: { cpu: 4000 } }), node("b")],
    given: reservation({}, [held("a")]),
    where: ["a"],
    isHeld: true,
  },
  {
    title: "move when their node goes",
    nodes: [node("b")],
    given: reservation({}, [held("a")]),
    where: ["b"],
    isHeld: true,
  },
  {
    title: "are made anew for another role",
    nodes: [node("a"), node("b")],
    given: reservation({}, [held("b", "2", "ops")]),
    where: ["a"],
    isHeld: true,
  },
  {
    title: "shrink to fewer nodes",
    nodes: [node("a"), node("b")],
    given: reservation({ nodes: 1 }, [held("a"), held("b")]),
    where: ["a"],
    isHeld: true,
  },
];

describe("reservations", () => {
  for (const { title, nodes, given, where, isHeld } of cases) {
    it(title, () => {
      const [update] = planReservations({ nodes, reservations: [given], nowMs: NOW });
      expect((update?.status.held ?? []).map((each) => each.node)).to.deep.equal(where);
      expect(update?.status.held ?? []).to.deep.equal(where.map((on) => held(on)));
      expect(update?.status.conditions?.[0]?.status).to.equal(isHeld ? "True" : "False");
    });
  }

  it("do not take the same room twice, and are served in the order of their names where they are equally old", () => {
    const all = ["s", "r"].map((name) => reservation({ resources: cpu("3") }, [], name));
    const updates = planReservations({ nodes: [node("a")], reservations: all, nowMs: NOW });
    expect(
      updates.map(({ reservation: { metadata }, status }) => [metadata.name, status.held?.length ?? 0]),
    ).to.deep.equal([
      ["r", 1],
      ["s", 0],
    ]);
  });

  it("change nothing where everything is as it should be", () => {
    const nodes = [node("a")];
    const [update] = planReservations({ nodes, reservations: [reservation({})], nowMs: NOW });
    const settled = { ...reservation({}), status: update?.status ?? expect.fail() };
    expect(planReservations({ nodes, reservations: [settled], nowMs: NOW + 60_000 })).to.deep.equal([]);
  });
});
