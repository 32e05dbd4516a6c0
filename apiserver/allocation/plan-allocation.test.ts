import { expect } from "chai";
import fc from "fast-check";
import {
  EMPTY_RECORD,
  planAllocation,
  renderShortage,
  type AllocationChange,
  type AllocationRecord,
  type PodClaim,
} from "./plan-allocation.ts";

const claim = (cpu: number, rest: Partial<PodClaim> = {}): PodClaim => ({
  node: "n",
  amounts: { cpu, pods: 1 },
  hostPorts: [],
  ...rest,
});
const node: AllocationRecord = { ...EMPTY_RECORD, allocatable: { cpu: 1000, memory: 100, pods: 2 } };

function apply(record: AllocationRecord, ...changes: Omit<AllocationChange, "node">[]): AllocationRecord {
  const plan = planAllocation(
    record,
    changes.map((change) => ({ node: "n", ...change })),
  );
  if ("shortages" in plan) throw new Error(plan.shortages.map(renderShortage).join(", "));
  if ("mismatch" in plan) throw new Error(`pool ${plan.mismatch.actual}, wanted ${plan.mismatch.wanted}`);
  return plan.record;
}

describe("the plan of an allocation", () => {
  it("adds up what pods ask for, and takes off what they give back", () => {
    const two = apply(node, { reserve: claim(300) }, { reserve: claim(200) });
    expect(two.requested).to.deep.equal({ cpu: 500, pods: 2 });
    expect(apply(two, { release: claim(300) }).requested).to.deep.equal({ cpu: 200, pods: 1 });
    expect(apply(two, { release: claim(300) }, { release: claim(200) })).to.deep.equal(node);
  });

  const refusals: [title: string, claims: PodClaim[], message: string][] = [
    ["CPU", [claim(800), claim(201)], "Insufficient cpu"],
    ["memory", [claim(0, { amounts: { memory: 101, pods: 1 } })], "Insufficient memory"],
    ["what the node does not have at all", [claim(0, { amounts: { "x/gpu": 1, pods: 1 } })], "Insufficient x/gpu"],
    ["pods", [claim(0), claim(0), claim(0)], "Too many pods"],
    ["several things", [claim(2000, { amounts: { cpu: 2000, memory: 200 } })], "Insufficient cpu, Insufficient memory"],
  ];
  for (const [title, claims, message] of refusals) {
    it(`refuses more ${title} than there is`, () => {
      expect(() => apply(node, ...claims.map((reserve) => ({ reserve })))).to.throw(message);
    });
  }

  it("takes exactly as much as there is", () => {
    expect(apply(node, { reserve: claim(1000) }).requested.cpu).to.equal(1000);
  });

  it("lets a pod that asks for nothing onto a full node", () => {
    const full = apply(node, { reserve: claim(1000) });
    expect(apply(full, { reserve: claim(0) }).requested).to.deep.equal({ cpu: 1000, pods: 2 });
  });

  it("lets a claim grow into its own place", () => {
    const full = apply(node, { reserve: claim(900) });
    expect(apply(full, { release: claim(900), reserve: claim(1000) }).requested.cpu).to.equal(1000);
  });

  it("counts without refusing while it does not know what the node offers", () => {
    const early = apply(EMPTY_RECORD, { reserve: claim(5000) });
    const known = apply(early, { allocatable: { cpu: 1000, pods: 2 } });
    expect(known).to.deep.include({ requested: { cpu: 5000, pods: 1 } });
    expect(() => apply(known, { reserve: claim(1) })).to.throw("Insufficient cpu");
  });

  const portClashes: [a: string, b: string, clash: boolean][] = [
    ["TCP/0.0.0.0/80", "TCP/0.0.0.0/80", true],
    ["TCP/0.0.0.0/80", "TCP/10.0.0.1/80", true],
    ["TCP/10.0.0.1/80", "TCP/10.0.0.2/80", false],
    ["TCP/0.0.0.0/80", "UDP/0.0.0.0/80", false],
    ["TCP/0.0.0.0/80", "TCP/0.0.0.0/81", false],
  ];
  for (const [a, b, clash] of portClashes) {
    it(`${clash ? "refuses" : "takes"} the host port ${b} beside ${a}`, () => {
      const both = () =>
        apply(node, { reserve: claim(0, { hostPorts: [a] }) }, { reserve: claim(0, { hostPorts: [b] }) });
      if (clash) expect(both).to.throw("didn't have free ports");
      else expect(both().hostPorts).to.deep.equal([a, b].sort());
    });
  }

  const pools: [title: string, pool: string | undefined, demand: AllocationChange["demand"], isAllowed: boolean][] = [
    ["a pod of the node's pool", "a", { pool: "a" }, true],
    ["a pod of another pool", "a", { pool: "b" }, false],
    ["a pod of no pool, on a node of a pool", "a", { pool: undefined }, false],
    ["a pod of no pool, on a node of none", undefined, { pool: undefined }, true],
    ["a pod of a pool, on a node of none", undefined, { pool: "a" }, false],
    ["a pod that goes everywhere", "a", "any", true],
  ];
  for (const [title, pool, demand, isAllowed] of pools) {
    it(`${isAllowed ? "takes" : "refuses"} ${title}`, () => {
      const plan = planAllocation({ ...node, pool }, [{ node: "n", demand, reserve: claim(1) }]);
      expect("record" in plan).to.equal(isAllowed);
    });
  }

  it("never gives away more than there is, and forgets nothing, whatever comes", () => {
    const step = fc.record({ cpu: fc.integer({ min: 0, max: 600 }), isRelease: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let record = node;
        const held: PodClaim[] = [];
        for (const { cpu, isRelease } of steps) {
          const release = isRelease ? held.pop() : undefined;
          const change = release ? { release } : { reserve: claim(cpu) };
          const plan = planAllocation(record, [{ node: "n", ...change }]);
          if (!("record" in plan)) continue;
          record = plan.record;
          if (change.reserve) held.push(change.reserve);
          const sum = held.reduce((total, { amounts }) => total + (amounts.cpu ?? 0), 0);
          expect(record.requested.cpu ?? 0).to.equal(sum);
          expect(sum).to.be.at.most(1000);
          expect(held.length).to.be.at.most(2);
        }
      }),
    );
  });
});

describe("a node with reservations", () => {
  const roled = (role: string | undefined, cpu: number) => ({ ...claim(cpu), ...(role && { role }) });
  const keep = (role: string, cpu: number) => ({ reservation: "r", kept: { role, amounts: { cpu } } });
  const reserved = apply(node, { setAside: keep("eng", 400) });

  it("keeps what is set aside for the role and its parts", () => {
    expect(() => apply(reserved, { reserve: claim(700) })).to.throw("Insufficient cpu");
    expect(() => apply(reserved, { reserve: roled("ops", 700) })).to.throw("Insufficient cpu");
    expect(apply(reserved, { reserve: roled("eng", 700) }).requested.cpu).to.equal(700);
    expect(apply(reserved, { reserve: roled("eng/web", 700) }).requested.cpu).to.equal(700);
  });

  it("counts what the role uses, so that the rest of the node is anybody's", () => {
    const used = apply(reserved, { reserve: roled("eng", 400) }, { reserve: claim(600) });
    expect(used.requested.cpu).to.equal(1000);
    const left = apply(used, { release: roled("eng", 400) });
    expect(left).to.not.have.property("requestedByRole");
    expect(() => apply(left, { reserve: claim(1) })).to.throw("Insufficient cpu");
  });

  it("gives it back when it is reserved no more, and is as it was before", () => {
    const freed = apply(reserved, { setAside: { reservation: "r", kept: null } });
    expect(freed).to.deep.equal(node);
    expect(apply(freed, { reserve: claim(1000) }).requested.cpu).to.equal(1000);
  });

  it("sets aside no more than there is", () => {
    const busy = apply(node, { reserve: claim(700) });
    expect(() => apply(busy, { setAside: keep("eng", 400) })).to.throw("Insufficient cpu");
    expect(() => apply(reserved, { setAside: { ...keep("ops", 700), reservation: "s" } })).to.throw("Insufficient cpu");
    const own = apply(node, { reserve: roled("eng", 700) });
    expect(apply(own, { setAside: keep("eng", 900) }).reserved).to.deep.equal({
      r: { role: "eng", amounts: { cpu: 900 } },
    });
  });

  it("lets a reservation shrink where the node has shrunk below it", () => {
    const small = apply(reserved, { allocatable: { cpu: 100, pods: 9 } });
    expect(apply(small, { setAside: keep("eng", 300) }).reserved?.r?.amounts).to.deep.equal({ cpu: 300 });
    expect(() => apply(small, { setAside: keep("eng", 500) })).to.throw("Insufficient cpu");
  });
});
