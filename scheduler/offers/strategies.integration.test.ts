// All strategies at once over the same nodes: the default scheduler, a second one beside it, a framework that lives on offers, and
// a partition, until nine tenths of the cluster are asked for. A checker reads the whole history of the store: on no node, at no
// revision, do pods ask for more than there is.

import { expect } from "chai";
import { namespaces } from "../../api/core/namespace.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { POOL_LABEL } from "../../api/kctl-scheduling/pools.ts";
import { reservations } from "../../api/kctl-scheduling/reservation.ts";
import type { StoreEvent } from "../../apiserver/storage/store.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster, type Component } from "../../testing/cluster.ts";
import { frameworkObject, offerFramework } from "../../testing/offer-framework.ts";
import { addTo, amountsOf, type Amounts } from "../queues/amounts.ts";
import { runScheduler } from "../run-scheduler.ts";

const NODES = 20;
const POOLED = 5;
const PODS_EACH = 250;
const CPU = "180m";
const CAPACITY: Amounts = { cpu: 10_000, memory: 64 * 2 ** 30, pods: 110 };
/** What a role keeps on one node, and does not use. */
const RESERVED_MILLIS = 2000;

const apiVersion = "scheduling.kctl.dev/v1";
const reservation = {
  apiVersion,
  kind: "Reservation",
  metadata: { name: "kept" },
  spec: { role: "idle", resources: { cpu: `${RESERVED_MILLIS}m` } },
};

const nodeName = (index: number) => `n${String(index).padStart(2, "0")}`;
const secondScheduler: Component = (parts, signal) => runScheduler({ ...parts, schedulerName: "other" }, signal);

interface Extremes {
  /** The greatest part of a node's capacity that its pods asked for. */
  readonly use: number;
  readonly revisions: number;
}

function greatestUse(events: readonly StoreEvent[]): Extremes {
  const placed = new Map<string, { readonly node: string; readonly amounts: Amounts }>();
  const used = new Map<string, Amounts>();
  const revisions = new Set(events.map(({ revision }) => revision));
  let use = 0;
  const check = () => {
    for (const sum of used.values()) {
      for (const [name, amount] of Object.entries(sum)) use = Math.max(use, amount / (CAPACITY[name] ?? 0));
    }
  };
  let last = 0;
  for (const { key, value, revision } of events) {
    if (revision !== last) check();
    last = revision;
    const before = placed.get(key);
    if (before) addTo(used.get(before.node) ?? {}, before.amounts, -1);
    placed.delete(key);
    const pod = value && (JSON.parse(Buffer.from(value).toString()) as Pod);
    if (!pod?.spec.nodeName) continue;
    const next = { node: pod.spec.nodeName, amounts: { ...amountsOf(pod) } };
    const sum = used.get(next.node) ?? {};
    addTo(sum, next.amounts, 1);
    used.set(next.node, sum);
    placed.set(key, next);
  }
  check();
  return { use, revisions: revisions.size };
}

describe("four strategies at once", function () {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  it("place a thousand pods without a node ever being asked for more than it has", async () => {
    cluster = await TestCluster.start({ components: [runScheduler, secondScheduler] });
    const events: StoreEvent[] = [];
    cluster.run(async (_, signal) => {
      for await (const batch of cluster.store.watch("/registry/pods/", 0, signal)) events.push(...batch.events);
    });
    const nodes = Array.from({ length: NODES }, (_, index) =>
      newNode(nodeName(index), { cpu: "10", memory: "64Gi", ...(index < POOLED && { labels: { [POOL_LABEL]: "p" } }) }),
    );
    await cluster.addNodes(...nodes);
    await cluster.client.create(namespaces, { metadata: { name: "pooled", labels: { [POOL_LABEL]: "p" } }, spec: {} });
    await cluster.apply(reservation, frameworkObject("spark"));
    await cluster.settle();
    cluster.run(offerFramework({ name: "spark", tasks: PODS_EACH, cpu: CPU }));
    for (let index = 0; index < PODS_EACH; index++) {
      await cluster.apply(
        newPod(`default-${index}`, { cpu: CPU }),
        newPod(`other-${index}`, { cpu: CPU, spec: { schedulerName: "other" } }),
        newPod(`pooled-${index}`, { cpu: CPU, namespace: "pooled" }),
      );
      if (index % 50 === 0) await cluster.clock.advance(20);
    }
    await cluster.step(60_000);

    const all = await cluster.list(pods);
    expect(all.filter(({ spec }) => spec.nodeName)).to.have.lengthOf(4 * PODS_EACH);
    const { use, revisions } = greatestUse(events);
    expect(use).to.be.within(0.8, 1);
    expect(revisions).to.be.greaterThan(100);

    const [reserved] = (await cluster.get(reservations, "kept")).status.held ?? expect.fail("nothing is reserved");
    const there = all.filter(({ spec }) => spec.nodeName === reserved?.node).map((pod) => amountsOf(pod).cpu ?? 0);
    expect(there.reduce((a, b) => a + b, 0)).to.be.at.most((CAPACITY.cpu ?? 0) - RESERVED_MILLIS);

    const isPooled = (name = "") => name < nodeName(POOLED);
    for (const { metadata, spec } of all) {
      expect(isPooled(spec.nodeName), metadata.name).to.equal(metadata.namespace === "pooled");
    }
    const { text } = await cluster.metrics.render();
    for (const scheduler of ["default-scheduler", "other", "framework/spark"]) {
      expect(text).to.match(new RegExp(`kctl_placement_conflict_fraction\\{scheduler="${scheduler}"\\} 0?\\.?\\d`));
    }
  });
});
