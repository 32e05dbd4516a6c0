import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { asStored, newPod } from "../../testing/builders.ts";
import { PodInfo } from "../pod-info.ts";
import { FairLine } from "./fair-line.ts";

interface Item {
  readonly entry: { readonly pod: PodInfo };
  readonly order: number;
}

describe("the line of pods in queues", () => {
  let usage: Record<string, number>;
  let gone: Set<string>;
  let line: FairLine<Item>;
  let order = 0;

  beforeEach(() => {
    usage = {};
    gone = new Set();
    line = new FairLine<Item>(
      {
        queueOf: ({ labels }) => labels.queue,
        compare: (a, b) => (usage[a] ?? 0) - (usage[b] ?? 0),
      },
      {
        before: (a, b) =>
          a.entry.pod.priority !== b.entry.pod.priority
            ? a.entry.pod.priority > b.entry.pod.priority
            : a.order < b.order,
        isCurrent: ({ entry }) => !gone.has(entry.pod.key),
      },
    );
  });

  function push(name: string, queue?: string, priority = 0): void {
    const pod = newPod(name, { labels: queue ? { queue } : {}, spec: { priority } });
    line.push({ entry: { pod: new PodInfo(asStored<Pod>(pod)) }, order: order++ });
  }

  /** All that is in the line; what comes out is charged to its queue. */
  function popAll(): string[] {
    const names: string[] = [];
    for (let next = line.pop(); next; next = line.pop()) {
      const { labels, pod } = next.entry.pod;
      if (labels.queue) usage[labels.queue] = (usage[labels.queue] ?? 0) + 1;
      names.push(pod.metadata.name);
    }
    return names;
  }

  it("is by priority and age without queues", () => {
    push("old");
    push("new");
    push("urgent", undefined, 5);
    expect(popAll()).to.deep.equal(["urgent", "old", "new"]);
  });

  it("takes turns between queues by what each has by then", () => {
    usage.b = 1;
    for (const name of ["a1", "a2", "a3"]) push(name, "a");
    for (const name of ["b1", "b2"]) push(name, "b");
    expect(popAll()).to.deep.equal(["a1", "a2", "b1", "a3", "b2"]);
  });

  it("is by priority and age within a queue, whatever the priorities elsewhere", () => {
    usage.b = 10;
    push("a1", "a");
    push("a2", "a", 3);
    push("b1", "b", 100);
    expect(popAll()).to.deep.equal(["a2", "a1", "b1"]);
  });

  it("ranks pods outside queues against the pod whose turn it is", () => {
    push("a1", "a");
    push("outside");
    push("urgent", undefined, 1);
    push("a2", "a");
    expect(popAll()).to.deep.equal(["urgent", "a1", "outside", "a2"]);
  });

  it("passes over pods that have left it", () => {
    push("a1", "a");
    push("b1", "b");
    push("outside");
    gone = new Set(["default/a1"]);
    expect(popAll()).to.deep.equal(["b1", "outside"]);
  });

  it("gives ten thousand pods of a hundred queues in order, at the cost of heaps", () => {
    for (let index = 0; index < 10_000; index++) push(`p${index}`, `q${index % 100}`);
    expect(popAll()).to.have.lengthOf(10_000);
    expect(new Set(Object.values(usage))).to.deep.equal(new Set([100]));
  });
});
