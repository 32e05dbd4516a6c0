import { expect } from "chai";
import { queues, type QueueSpec } from "../../api/kctl-scheduling/queue.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { charge, discharge, QueueTree, type QueueNode } from "./queue-tree.ts";
import { compareNeed, findAboveMax, mayReclaim, shareOf } from "./shares.ts";

const CAPACITY = { cpu: 20_000, memory: 1000, pods: 100 };

const queue = (name: string, spec: QueueSpec = {}) => storedObject(queues, { metadata: { name }, spec });

const treeOf = (specs: Record<string, QueueSpec>) =>
  new QueueTree(
    Object.entries(specs).map(([name, spec]) => queue(name, spec)),
    CAPACITY,
  );

function find(tree: QueueTree, name: string): QueueNode {
  return tree.find(name) ?? expect.fail(`there is no queue ${name}`);
}

const cores = (count: number) => ({ cpu: count * 1000, pods: 1 });
const cpu = (count: number) => ({ cpu: String(count) });

describe("the tree of queues", () => {
  it("guarantees parts of the parent's guarantee, and of the cluster at the top", () => {
    const tree = treeOf({
      child: { parent: "root", guaranteePercent: 50 },
      root: { guaranteePercent: 40 },
      sum: {},
      a: { parent: "sum", guarantee: cpu(1) },
      b: { parent: "sum", guarantee: cpu(2) },
    });
    expect(find(tree, "root").guarantee).to.deep.equal({ cpu: 8000, memory: 400, pods: 40 });
    expect(find(tree, "child").guarantee).to.deep.equal({ cpu: 4000, memory: 200, pods: 20 });
    expect(find(tree, "sum").guarantee).to.deep.equal({ cpu: 3000 });
    expect(find(tree, "child").path.map(({ name }) => name)).to.deep.equal(["root", "child"]);
  });

  it("counts what a queue uses in the queues above it, too", () => {
    const tree = treeOf({ root: {}, a: { parent: "root" }, b: { parent: "root" } });
    charge(find(tree, "a"), "used", cores(2));
    charge(find(tree, "b"), "used", cores(1));
    discharge(find(tree, "a"), "used", cores(2));
    expect(find(tree, "root").used).to.deep.equal({ cpu: 1000, pods: 1 });
    expect(find(tree, "a").used).to.deep.equal({});
  });

  const problems: readonly (readonly [string, Record<string, QueueSpec>, string, string | undefined])[] = [
    ["a queue as it should be", { a: {} }, "a", undefined],
    [
      "a parent that is not there",
      { a: { parent: "b" } },
      "a",
      'ParentMissing: queue "a" is a part of queue "b", which does not exist',
    ],
    [
      "parents that go round",
      { a: { parent: "b" }, b: { parent: "c" }, c: { parent: "b" } },
      "a",
      "ParentCycle: queues are parts of each other: a of b of c of b",
    ],
    [
      "more guaranteed below than above",
      {
        a: { guarantee: cpu(3) },
        b: { parent: "a", guarantee: cpu(2) },
        c: { parent: "a", guarantee: { cpu: "1500m" } },
      },
      "a",
      "GuaranteesExceedOwn: the queues below guarantee 3500m of cpu together, more than the 3 of this queue; what they lack is not reclaimed from other queues",
    ],
  ];
  for (const [title, specs, name, problem] of problems) {
    it(`tells ${title}`, () => {
      const found = treeOf(specs).problem(name);
      expect(found && `${found.reason}: ${found.message}`).to.equal(problem);
    });
  }

  const closed: readonly (readonly [string, string | undefined])[] = [
    ["leaf", undefined],
    ["nowhere", 'there is no queue "nowhere"'],
    ["root", 'queue "root" has queues below it: pods are only in those that have none'],
    ["shut", 'queue "shut" is closed'],
    ["below-shut", 'queue "shut-root" is closed'],
    ["lost", 'queue "lost" is a part of queue "gone", which does not exist'],
  ];
  for (const [name, reason] of closed) {
    it(`says whether pods of ${name} may start`, () => {
      const tree = treeOf({
        root: {},
        leaf: { parent: "root" },
        shut: { state: "Closed" },
        "shut-root": { state: "Closed" },
        "below-shut": { parent: "shut-root" },
        lost: { parent: "gone" },
      });
      expect(tree.closed(name)).to.equal(reason);
    });
  }
});

describe("the maximum of a queue", () => {
  const tree = () => treeOf({ root: { max: cpu(4) }, a: { parent: "root", maxPercent: 10 }, b: { parent: "root" } });

  it("holds for the queue and for those above it", () => {
    const it = tree();
    charge(find(it, "b"), "used", cores(3));
    expect(findAboveMax(find(it, "b"), cores(1), { capacity: CAPACITY })).to.equal(undefined);
    expect(findAboveMax(find(it, "b"), cores(2), { capacity: CAPACITY })?.message).to.equal(
      'queue "root" may have 4 cpu: it has 3, and 2 more are asked for',
    );
    expect(findAboveMax(find(it, "a"), cores(3), { capacity: CAPACITY })?.node.name).to.equal("root");
  });

  it("may be a part of the cluster", () => {
    expect(findAboveMax(find(tree(), "a"), cores(3), { capacity: CAPACITY })?.message).to.equal(
      'queue "a" may have 2 cpu: it has 0, and 3 more are asked for',
    );
  });

  it("counts room that is kept, except for pods that need not heed it", () => {
    const it = tree();
    charge(find(it, "b"), "kept", cores(4));
    const message =
      'queue "root" may have 4 cpu: it has 4, 4 of which is kept for pods that come before, and 1 more are asked for';
    expect(findAboveMax(find(it, "b"), cores(1), { capacity: CAPACITY })?.message).to.equal(message);
    expect(findAboveMax(find(it, "b"), cores(1), { capacity: CAPACITY, unkept: true })).to.equal(undefined);
  });
});

interface Use {
  readonly title: string;
  readonly used: Record<string, number>;
  readonly expected: boolean;
}

describe("taking back", () => {
  const tree = (reclaim = true) =>
    treeOf({
      p: { guarantee: cpu(10) },
      a: { parent: "p", guarantee: cpu(5), reclaim },
      b: { parent: "p", guarantee: cpu(5) },
      r: { guarantee: cpu(10) },
      none: {},
    });
  const cases: readonly (Use & { readonly from: string })[] = [
    { title: "from a queue that borrows", used: { r: 11 }, from: "r", expected: true },
    { title: "not from a queue within its guarantee", used: { r: 10 }, from: "r", expected: false },
    { title: "from a queue without guarantee", used: { none: 1 }, from: "none", expected: true },
    { title: "not beyond its own guarantee", used: { a: 5, r: 15 }, from: "r", expected: false },
    { title: "from a sibling that borrows", used: { b: 6 }, from: "b", expected: true },
    {
      title: "not from a sibling that borrows nothing, though their parent does",
      used: { b: 5 },
      from: "b",
      expected: false,
    },
    { title: "from elsewhere only what the parent lacks", used: { b: 10, r: 15 }, from: "r", expected: false },
    { title: "not from itself", used: { a: 9 }, from: "a", expected: false },
  ];
  for (const { title, used, from, expected } of cases) {
    it(`is allowed ${title}`.replace("allowed not", "not allowed"), () => {
      const it = tree();
      for (const [name, count] of Object.entries(used)) charge(find(it, name), "used", cores(count));
      expect(mayReclaim(find(it, "a"), find(it, from), cores(1))).to.equal(expected);
    });
  }

  it("is not done by a queue that gives up on it", () => {
    const it = tree(false);
    charge(find(it, "r"), "used", cores(20));
    expect(mayReclaim(find(it, "a"), find(it, "r"), cores(1))).to.equal(false);
  });

  it("is never mutual", () => {
    const it = tree();
    charge(find(it, "r"), "used", cores(11));
    expect(mayReclaim(find(it, "a"), find(it, "r"), cores(1))).to.equal(true);
    discharge(find(it, "r"), "used", cores(1));
    charge(find(it, "a"), "used", cores(1));
    expect(mayReclaim(find(it, "r"), find(it, "a"), cores(1))).to.equal(false);
  });
});

describe("the order of queues", () => {
  const specs = {
    a: { guarantee: cpu(4) },
    b: { guarantee: cpu(8) },
    light: { weight: 1 },
    heavy: { weight: 4 },
    p: { guarantee: cpu(2) },
    p1: { parent: "p", guarantee: cpu(2) },
    p2: { parent: "p" },
  };
  const cases: readonly (readonly [string, Record<string, number>, readonly string[]])[] = [
    ["furthest below its guarantee first", { a: 1, b: 1 }, ["b", "a"]],
    ["below the guarantee before those that borrow", { a: 3, light: 0 }, ["a", "light"]],
    ["by what is borrowed for the weight", { light: 1, heavy: 3 }, ["heavy", "light"]],
    ["by the parents where these differ", { a: 1, p2: 1 }, ["a", "p2"]],
    ["within a parent by the queues themselves", { p1: 1, p2: 1 }, ["p1", "p2"]],
  ];
  for (const [title, used, order] of cases) {
    it(title, () => {
      const tree = treeOf(specs);
      for (const [name, count] of Object.entries(used)) charge(find(tree, name), "used", cores(count));
      const [first, second] = order.map((name) => find(tree, name));
      if (!first || !second) expect.fail("two queues are compared");
      expect(compareNeed(first, second, CAPACITY)).to.be.lessThan(0);
      expect(compareNeed(second, first, CAPACITY)).to.be.greaterThan(0);
    });
  }

  it("has a share that is the use of the guarantee where it is highest", () => {
    const tree = treeOf({ a: { guarantee: { cpu: "4", pods: "2" } }, none: {} });
    charge(find(tree, "a"), "used", cores(1));
    expect(shareOf(find(tree, "a"))).to.equal(0.5);
    expect(shareOf(find(tree, "none"))).to.equal(undefined);
  });
});
