import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { podGroups } from "../../api/kctl-scheduling/pod-group.ts";
import { queues, type QueueSpec } from "../../api/kctl-scheduling/queue.ts";
import { asStored, newPod } from "../../testing/builders.ts";
import { newMember } from "../../testing/gang-builders.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { Gangs } from "../gangs/gangs.ts";
import { PodInfo } from "../pod-info.ts";
import { amountsOf } from "./amounts.ts";
import { borrowersAmong, type Charged } from "./borrowers.ts";
import { planReclaim } from "./plan-reclaim.ts";
import { charge, QueueTree, type QueueNode } from "./queue-tree.ts";

const cpu = (count: number) => ({ cpu: String(count) });

interface Running {
  readonly name: string;
  readonly queue: string;
  readonly cpu?: string;
  readonly priority?: number;
  /** When it started, in seconds. */
  readonly at?: number;
  readonly isProtected?: boolean;
}

const treeOf = (specs: Record<string, QueueSpec>) =>
  new QueueTree(
    Object.entries(specs).map(([name, spec]) => storedObject(queues, { metadata: { name }, spec })),
    { cpu: 100_000 },
  );

const find = (tree: QueueTree, name: string): QueueNode => tree.find(name) ?? expect.fail(`no queue ${name}`);

function charged(tree: QueueTree, { name, queue, at = 0, isProtected = false, ...rest }: Running): Charged {
  const status = { startTime: new Date(at * 1000).toISOString() };
  const pod = asStored<Pod>(newPod(name, { cpu: rest.cpu ?? "1", spec: { priority: rest.priority ?? 0 }, status }));
  const amounts = amountsOf(pod);
  charge(find(tree, queue), "used", amounts);
  return {
    place: { pod: new PodInfo(pod), node: "n" },
    queue: find(tree, queue),
    amounts,
    gang: undefined,
    isProtected,
  };
}

describe("the pods that give back what their queue has borrowed", () => {
  const specs = { a: { guarantee: cpu(9) }, b: { guarantee: cpu(1) }, c: { guarantee: cpu(1) } };
  const cases: readonly (readonly [string, readonly Running[], readonly string[]])[] = [
    ["are none where nobody borrows", [{ name: "b1", queue: "b" }], []],
    [
      "are the newest, until the queue has no more than its guarantee",
      [
        { name: "old", queue: "b", at: 1 },
        { name: "new", queue: "b", at: 3 },
        { name: "middle", queue: "b", at: 2 },
      ],
      ["new", "middle"],
    ],
    [
      "are the least important first",
      [
        { name: "high", queue: "b", priority: 5, at: 9 },
        { name: "low", queue: "b", priority: 1, at: 1 },
        { name: "higher", queue: "b", priority: 9, at: 9 },
      ],
      ["low", "high"],
    ],
    [
      "come from all queues that borrow, and from none that does not",
      [
        { name: "b1", queue: "b", at: 1 },
        { name: "b2", queue: "b", at: 2 },
        { name: "c1", queue: "c", at: 3 },
      ],
      ["b2"],
    ],
    [
      "are those that a budget protects last",
      [
        { name: "kept", queue: "b", at: 9, isProtected: true },
        { name: "b1", queue: "b", at: 1 },
        { name: "b2", queue: "b", at: 2 },
      ],
      ["b2", "b1"],
    ],
    [
      "may leave their queue with less than its guarantee where they are large",
      [{ name: "big", queue: "b", cpu: "3" }],
      ["big"],
    ],
  ];
  for (const [title, running, expected] of cases) {
    it(title, () => {
      const tree = treeOf(specs);
      const pods = running.map((each) => charged(tree, each));
      const before = { ...find(tree, "b").used };
      const leaving = planReclaim(find(tree, "a"), { cpu: 1000 }, borrowersAmong(pods));
      const names = leaving.flatMap(({ places }) => places.map(({ pod }) => pod.pod.metadata.name));
      expect(names).to.deep.equal(expected);
      expect(find(tree, "b").used).to.deep.equal(before);
    });
  }

  it("are those of the nearest queues first", () => {
    const tree = treeOf({
      p: { guarantee: cpu(4) },
      a: { parent: "p", guarantee: cpu(2) },
      near: { parent: "p", guarantee: cpu(2) },
      far: {},
    });
    const running = [
      { name: "far", queue: "far", at: 9 },
      ...[1, 2, 3].map((index) => ({ name: `near${index}`, queue: "near", at: index })),
    ];
    const pods = running.map((each) => charged(tree, each));
    const leaving = planReclaim(find(tree, "a"), { cpu: 1000 }, borrowersAmong(pods));
    expect(leaving.map(({ places }) => places[0]?.pod.pod.metadata.name)).to.deep.equal(["near3", "far"]);
  });

  it("are of a gang the members that it can spare, one by one, and then all others together", () => {
    const tree = treeOf({ b: {} });
    const gangs = new Gangs();
    gangs.setGroup("default/g", storedObject(podGroups, { metadata: { name: "g" }, spec: { minMember: 2 } }));
    const pods = [1, 2, 3, 4].map((index) => {
      const status = { startTime: new Date(index * 1000).toISOString() };
      const pod = asStored<Pod>(newMember(`g${index}`, "g", { spec: { nodeName: "n" }, status }));
      gangs.setPod(pod.metadata.uid, pod);
      const place = { pod: new PodInfo(pod), node: "n" };
      return {
        place,
        queue: find(tree, "b"),
        amounts: amountsOf(pod),
        gang: gangs.gangOf(pod.metadata.uid),
        isProtected: false,
      };
    });
    const groups = borrowersAmong(pods).map(({ places }) => places.map(({ pod }) => pod.pod.metadata.name));
    expect(groups).to.deep.equal([["g4"], ["g3"], ["g2", "g1"]]);
  });
});
