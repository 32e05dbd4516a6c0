// Quotas by band, with the controller that counts: each limits its own band, in the transaction that creates a pod.

import { expect } from "chai";
import { builtinResources } from "../api/index.ts";
import { pods } from "../api/core/pod.ts";
import { resourceQuotas } from "../api/core/resource-quota.ts";
import { BAND_LABEL } from "../api/kctl-scheduling/bands.ts";
import { resourceQuotaController } from "../controllers/resource-quota.ts";
import { newNode, newPod } from "./builders.ts";
import { TestCluster } from "./cluster.ts";

const labels = (band: string) => ({ [BAND_LABEL]: band });
const classOf = (band: string, value: number) => ({
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name: band, labels: labels(band) },
  value,
});
const quotaOf = (band: string, cpu: string) => ({
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: band, namespace: "default", labels: labels(band) },
  spec: { hard: { "requests.cpu": cpu } },
});

describe("a quota of a band", () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await TestCluster.start({ controllers: [resourceQuotaController(builtinResources)] });
    await cluster.addNodes(newNode("n", { cpu: "4" }));
    await cluster.apply(classOf("production", 800_000_000), classOf("best-effort", -200_000_000));
    await cluster.apply(quotaOf("production", "4"), quotaOf("best-effort", "100"));
    await cluster.settle();
  });
  afterEach(() => cluster.stop());

  const create = (name: string, cpu: string, band?: string) =>
    cluster.apply(newPod(name, { cpu, spec: band ? { priorityClassName: band } : {} })).then(
      () => "created",
      (error: unknown) => String(error),
    );
  const used = async (band: string) => (await cluster.get(resourceQuotas, band)).status.used?.["requests.cpu"];

  it("refuses what exceeds it, and counts the pods of its band only", async () => {
    expect(await create("web", "3", "production")).to.equal("created");
    expect(await create("job", "50", "best-effort")).to.equal("created");
    expect(await create("plain", "50")).to.equal("created");
    expect(await create("more", "2", "production")).to.contain(
      'pods "more" is forbidden: exceeded quota: production, requested: requests.cpu=2, used: requests.cpu=3, limited: requests.cpu=4',
    );
    await cluster.step(1_000);
    expect([await used("production"), await used("best-effort")]).to.deep.equal(["3", "50"]);
  });

  it("has its rest back when a pod of the band is gone", async () => {
    await create("web", "3", "production");
    await cluster.client.delete(pods, { namespace: "default", name: "web" }, { gracePeriodSeconds: 0 });
    await cluster.step(1_000);
    expect(await used("production")).to.equal("0");
    expect(await create("more", "4", "production")).to.equal("created");
  });

  it("may promise best-effort more than the cluster has, and production not", async () => {
    const raised = await cluster.apply(quotaOf("production", "4001m")).then(
      () => "raised",
      (error: unknown) => String(error),
    );
    expect(raised).to.contain("cannot exceed what the cluster has: others have 0m of its 4000m");
    await cluster.apply(quotaOf("best-effort", "1000"));
    expect((await cluster.get(resourceQuotas, "best-effort")).spec.hard).to.deep.equal({ "requests.cpu": "1k" });
  });
});
