import { expect } from "chai";
import { pods } from "../../api/core/pod.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { networkPolicies, type NetworkPolicy } from "../../api/networking/network-policy.ts";
import type { Log } from "../../lib/log.ts";
import { silentLog } from "../../lib/log.ts";
import { newPod } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { emptyRuleset, type Ruleset } from "../nft/changes.ts";
import { runPolicies, type PolicyTarget } from "./run-policies.ts";
import { WarningTarget } from "./targets.ts";

class FakeTarget implements PolicyTarget {
  rules: Ruleset = emptyRuleset;
  syncs = 0;
  failures = 0;
  disturb: () => void = () => undefined;

  sync(wanted: Ruleset): Promise<void> {
    this.syncs += 1;
    if (this.failures-- > 0) return Promise.reject(new Error("the kernel is busy"));
    this.rules = wanted;
    return Promise.resolve();
  }

  async *disturbances(signal: AbortSignal): AsyncIterable<string> {
    await new Promise<void>((resolve) => {
      this.disturb = resolve;
      signal.addEventListener("abort", () => resolve());
    });
    if (!signal.aborted) yield "somebody";
  }
}

describe("the enforcement of network policies", () => {
  let parts: ControllerCluster;
  let target: FakeTarget;

  beforeEach(async () => {
    target = new FakeTarget();
    parts = await startControllerCluster();
    parts.cluster.run((given, signal) => runPolicies({ ...given, target }, signal));
    await parts.cluster.apply(newPod("a", { labels: { app: "web" } }));
    await parts.cluster.settle();
  });
  afterEach(() => parts.cluster.stop());

  const isolated = () => [...target.rules.elements.keys()].filter((id) => id.startsWith("ingress-pods "));
  const deny = () => {
    const metadata = { name: "deny", namespace: "default" };
    const policy: NewObject<NetworkPolicy> = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata,
      spec: { podSelector: {} },
    };
    return parts.cluster.apply(policy);
  };

  it("leaves a cluster without policies alone", () => {
    expect(target.rules.elements.size).to.equal(0);
    expect(target.syncs).to.equal(1);
  });

  it("isolates pods once a policy selects them, those that come later too, and frees them with its end", async () => {
    await deny();
    await parts.cluster.settle();
    expect(isolated()).to.have.length(1);
    await parts.cluster.apply(newPod("b"));
    await parts.cluster.settle();
    expect(isolated()).to.have.length(2);
    await parts.cluster.client.delete(pods, { namespace: "default", name: "a" }, { gracePeriodSeconds: 0 });
    await parts.cluster.settle();
    expect(isolated()).to.have.length(1);
    await parts.cluster.client.delete(networkPolicies, { namespace: "default", name: "deny" });
    await parts.cluster.settle();
    expect(target.rules.elements.size).to.equal(0);
  });

  it("tries again when the kernel refuses, and when somebody has changed the rules", async () => {
    target.failures = 2;
    await deny();
    await parts.cluster.clock.advance(1000);
    await parts.cluster.settle();
    expect(isolated()).to.have.length(1);
    const before = target.syncs;
    target.disturb();
    await parts.cluster.settle();
    expect(target.syncs).to.equal(before + 1);
  });
});

describe("policies that nobody enforces", () => {
  it("are told once", async () => {
    const told: string[] = [];
    const log: Log = { ...silentLog, warn: (message) => void told.push(message) };
    const target = new WarningTarget(log);
    await target.sync(emptyRuleset);
    expect(told).to.deep.equal([]);
    for (let count = 0; count < 2; count += 1)
      await target.sync({ ...emptyRuleset, chains: new Map([["in-1", ["drop"]]]) });
    expect(told).to.have.length(1);
  });
});
