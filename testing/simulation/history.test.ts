import { expect } from "chai";
import { MemoryStore } from "../../apiserver/storage/memory-store.ts";
import type { Write } from "../../apiserver/storage/store.ts";
import { newNode, newPod } from "../builders.ts";
import { FakeClock } from "../fake-clock.ts";
import { History } from "./history.ts";

const put = (key: string, object: unknown): Write => ({ key, value: Buffer.from(JSON.stringify(object)) });
const node = put("/registry/minions/n1", newNode("n1", { cpu: "1" }));
const pod = (name: string, cpu: string, phase?: string) =>
  put(`/registry/pods/default/${name}`, {
    ...newPod(name, { cpu, spec: { nodeName: "n1" } }),
    status: { phase },
  });
const record = (requested: object) => put("/gantry/allocations/n1", { requested });

describe("the history of a simulation", () => {
  const cases: Readonly<Record<string, { transactions: readonly (readonly Write[])[]; finds: readonly string[] }>> = {
    "a pod bound together with its record": {
      transactions: [[node], [pod("a", "600m"), record({ cpu: 600, pods: 1 })]],
      finds: [],
    },
    "a pod bound without a change of the record": {
      transactions: [[node], [pod("a", "600m")]],
      finds: ['at revision 3: node n1 has recorded {}, but its pods request {"cpu":600,"pods":1}'],
    },
    "a record that is right one revision late": {
      transactions: [[node], [pod("a", "600m")], [record({ cpu: 600, pods: 1 })]],
      finds: ['at revision 3: node n1 has recorded {}, but its pods request {"cpu":600,"pods":1}'],
    },
    "more than the node offers": {
      transactions: [[node], [pod("a", "600m"), pod("b", "500m"), record({ cpu: 1100, pods: 2 })]],
      finds: ["at revision 3: node n1 offers 1000 cpu, and its pods request 1100"],
    },
    "a pod that has finished": {
      transactions: [[node], [pod("a", "600m"), pod("b", "500m", "Succeeded"), record({ cpu: 600, pods: 1 })]],
      finds: [],
    },
  };

  for (const [title, { transactions, finds }] of Object.entries(cases)) {
    it(`judges ${title}`, async () => {
      const [store, history, stop, clock] = [new MemoryStore(), new History(), new AbortController(), new FakeClock()];
      const following = history.follow(store, stop.signal);
      await clock.advance(0);
      for (const writes of transactions) await store.commit({ checks: [], writes });
      await clock.advance(0);
      expect(history.takeViolations()).to.deep.equal(finds);
      stop.abort();
      await following;
    });
  }
});
