// Looks at every revision of the store while random gangs and queues come and go, and schedulers crash: no gang is ever placed in
// part, no queue is ever above its maximum, and in the end every queue has what it is guaranteed and asks for.

import { expect } from "chai";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { POD_GROUP_LABEL, podGroups } from "../../api/kctl-scheduling/pod-group.ts";
import { QUEUE_LABEL } from "../../api/kctl-scheduling/queue.ts";
import { StatusError } from "../../api/meta/status.ts";
import { seededRandom } from "../../lib/random.ts";
import type { Handler } from "../../lib/http.ts";
import { newNode } from "../../testing/builders.ts";
import { TestCluster, type Component } from "../../testing/cluster.ts";
import { newMembers, newPodGroup, newQueue, newQueuedPods } from "../../testing/gang-builders.ts";
import { runScheduler } from "../run-scheduler.ts";

const PODS = "/registry/pods/";
const QUEUES = { a: { guarantee: 4, max: 5 }, b: { guarantee: 4, max: 7 }, c: { guarantee: 2, max: 3 } } as const;
type QueueName = keyof typeof QUEUES;
const names = Object.keys(QUEUES) as QueueName[];

/** Follows the pods at each revision of the store. */
class History {
  readonly problems: string[] = [];
  /** The gangs that were seen to be placed. */
  readonly placed = new Set<string>();
  readonly #cluster: TestCluster;
  readonly #pods = new Map<string, Pod>();
  readonly #sizes = new Map<string, number>();
  readonly #stop = new AbortController();

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  setSize(group: string, minMember: number): void {
    this.#sizes.set(group, minMember);
  }

  async follow(): Promise<void> {
    const { store } = this.#cluster;
    const from = await store.revision();
    for await (const { events } of store.watch(PODS, from, this.#stop.signal)) {
      const before = this.#placedByGroup();
      let revision = 0;
      for (const event of events) {
        if (event.revision !== revision && revision > 0) this.#check(revision, before);
        revision = event.revision;
        if (event.value) this.#pods.set(event.key, JSON.parse(Buffer.from(event.value).toString()) as Pod);
        else this.#pods.delete(event.key);
      }
      this.#check(revision, before);
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  /** A gang that had nobody on a node has as many as it needs, or nobody, at the next revision. */
  #check(revision: number, before: Map<string, number>): void {
    const now = this.#placedByGroup();
    for (const [group, count] of now) {
      const size = this.#sizes.get(group) ?? 1;
      if ((before.get(group) ?? 0) === 0 && count > 0 && count < size)
        this.problems.push(`revision ${revision}: ${count} of ${size} members of ${group} are placed`);
    }
    for (const [group, count] of now) {
      before.set(group, count);
      if (count > 0) this.placed.add(group);
    }
    for (const name of names) {
      const used = this.#usedBy(name);
      if (used > QUEUES[name].max) this.problems.push(`revision ${revision}: queue ${name} has ${used}`);
    }
  }

  #placedByGroup(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { metadata, spec } of this.#pods.values()) {
      const group = metadata.labels?.[POD_GROUP_LABEL];
      if (group) counts.set(group, (counts.get(group) ?? 0) + (spec.nodeName ? 1 : 0));
    }
    return counts;
  }

  #usedBy(queue: string): number {
    const inQueue = ({ metadata }: Pod) => metadata.labels?.[QUEUE_LABEL] === queue;
    return [...this.#pods.values()].filter((pod) => inQueue(pod) && pod.spec.nodeName && !isPodTerminal(pod)).length;
  }
}

/** A scheduler whose bindings fail now and then, before or after the server has made them. */
const unreliable =
  (seed: number): Component =>
  (parts, signal) => {
    const random = seededRandom(seed);
    const transport: Handler = async (request) => {
      const isPlacing = request.method === "POST" && request.path.endsWith("/placements");
      const luck = isPlacing ? random.float() : 1;
      if (luck < 0.1) throw new StatusError("ServiceUnavailable", "the request was lost");
      const response = await parts.transport(request);
      if (luck < 0.2) throw new StatusError("ServiceUnavailable", "the answer was lost");
      return response;
    };
    return runScheduler({ ...parts, random, transport }, signal);
  };

const ROUNDS = 16;

describe("gangs and queues, at every revision of the store", () => {
  for (const seed of [1, 2, 3]) {
    it(`keep their promises while schedulers crash (seed ${seed})`, async () => {
      const random = seededRandom(seed);
      const below = (limit: number) => Math.floor(random.float() * limit);
      const cluster = await TestCluster.start({ seed });
      const history = new History(cluster);
      const following = history.follow();
      await cluster.addNodes(...[0, 1, 2].map((index) => newNode(`n${index}`, { cpu: "4" })));
      for (const name of names) {
        const { guarantee, max } = QUEUES[name];
        await cluster.apply(newQueue(name, { guarantee: { cpu: `${guarantee}` }, max: { cpu: `${max}` } }));
      }
      let crash = cluster.run(unreliable(seed));
      for (let round = 0; round < ROUNDS; round++) {
        const queue = names[below(names.length)] ?? "a";
        if (random.float() < 0.5) {
          const [group, size] = [`g${round}`, 2 + below(5)];
          history.setSize(group, size);
          await cluster.apply(newPodGroup(group, { minMember: size }));
          await cluster.apply(...newMembers(group, size, { labels: { [QUEUE_LABEL]: queue } }));
        } else {
          const added = newQueuedPods(queue, 1 + below(5), { labels: { round: `${round}` } });
          await cluster.apply(...added.map((pod, index) => rename(pod, `p${round}-${index}`)));
        }
        await cluster.clock.advance(below(1500));
        if (random.float() < 0.3) {
          crash();
          crash = cluster.run(unreliable(seed * 100 + round));
        }
        const placed = (await cluster.list(pods)).filter(({ spec }) => spec.nodeName);
        const ended = placed[below(placed.length)];
        if (ended && random.float() < 0.5) await cluster.delete(pods, ended.metadata.name);
      }
      await cluster.step(60_000);
      await expectGuarantees(cluster);
      history.stop();
      await following.catch(() => undefined);
      await cluster.stop();
      expect(history.problems).to.deep.equal([]);
      expect(history.placed).not.to.deep.equal(new Set());
    });
  }
});

const rename = <T extends { readonly metadata: object }>(object: T, name: string): T => ({
  ...object,
  metadata: { ...object.metadata, name },
});

/** A queue below its guarantee has no pod that waits and would fit into it. */
async function expectGuarantees(cluster: TestCluster): Promise<void> {
  const all = await cluster.list(pods);
  const groups = await cluster.list(podGroups);
  for (const name of names) {
    const inQueue = all.filter(({ metadata }) => metadata.labels?.[QUEUE_LABEL] === name);
    const used = inQueue.filter(({ spec }) => spec.nodeName).length;
    const waiting = inQueue.filter(({ spec }) => !spec.nodeName);
    const sizes = waiting.map(({ metadata }) => {
      const key = metadata.labels?.[POD_GROUP_LABEL];
      const group = groups.find((each) => each.metadata.name === key);
      const members = all.filter((each) => each.metadata.labels?.[POD_GROUP_LABEL] === key);
      if (!group) return 1;
      const isRunning = members.some(({ spec }) => spec.nodeName);
      if (isRunning) return 1;
      return members.length < group.spec.minMember ? Infinity : group.spec.minMember;
    });
    const owed = sizes.filter((size) => used + size <= QUEUES[name].guarantee);
    expect(owed, `queue ${name} has ${used} of ${QUEUES[name].guarantee}, and these wait`).to.deep.equal([]);
  }
}
