import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";
import { createMetrics } from "../../lib/metrics.ts";
import type { PlacementResponse, PlacementResult } from "../../api/placement/placement.ts";
import type { NodeAllocation } from "../../api/placement/node-allocation.ts";
import { seededRandom } from "../../lib/random.ts";

const PODS = "/api/v1/namespaces/default/pods";
const GROUP = "/apis/placement.kctl.dev/v1";
const pod = (name: string, cpu = "100m", spec: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: "c", image: "i", resources: { requests: { cpu } } }], ...spec },
});
const node = (name: string, labels: object = {}) => ({
  metadata: { name, labels },
  status: { allocatable: { cpu: "1", memory: "1Gi", pods: "20" } },
});

class Placing {
  metrics = createMetrics();
  api!: ApiHarness;

  async start(): Promise<void> {
    this.metrics = createMetrics();
    this.api = await ApiHarness.start({ metrics: this.metrics });
  }

  async place(body: object): Promise<readonly PlacementResult[]> {
    const { code, data } = await this.api.call("POST", `${GROUP}/placements`, { body });
    expect(code, JSON.stringify(data)).to.equal(200);
    return (data as unknown as PlacementResponse).results;
  }

  /** What schedulers decide on. */
  async generations(): Promise<ReadonlyMap<string, number>> {
    const { items } = (await this.api.get(`${GROUP}/nodeallocations`)) as unknown as { items: NodeAllocation[] };
    return new Map(items.map(({ metadata, generation }) => [metadata.name, generation]));
  }

  async nodeOf(name: string): Promise<string | undefined> {
    return ((await this.api.get(`${PODS}/${name}`)).spec as { nodeName?: string }).nodeName;
  }

  async figures(): Promise<string> {
    return (await this.metrics.render()).text;
  }
}

describe("conflicts of placements", () => {
  const placing = new Placing();
  beforeEach(async () => {
    await placing.start();
    for (const name of ["n", "m"]) await placing.api.create("/api/v1/nodes", node(name));
    for (const name of ["a", "b", "c", "d"]) await placing.api.create(PODS, pod(name));
  });
  afterEach(() => placing.api.stop());

  const to = (name: string, target: string, generation?: number) => ({
    namespace: "default",
    name,
    node: target,
    ...(generation !== undefined && { generation }),
  });

  it("are only what does not fit, unless the scheduler insists on the node as it saw it", async () => {
    const seen = (await placing.generations()).get("n") ?? -1;
    await placing.place({ bindings: [to("a", "n")] });
    const fine = await placing.place({ conflicts: "ResourceFit", bindings: [to("b", "n", seen)] });
    expect(fine[0]?.bound).to.equal(true);
    const [coarse] = await placing.place({ conflicts: "NodeGeneration", bindings: [to("c", "n", seen)] });
    expect(coarse?.bound).to.equal(false);
    expect(coarse?.status).to.deep.include({
      reason: "Conflict",
      message: `Operation cannot be fulfilled: node "n" has changed since it was looked at: its generation is ${fine[0]?.generation} and not ${seen}`,
    });
    const again = await placing.place({ conflicts: "NodeGeneration", bindings: [to("c", "n", coarse?.generation)] });
    expect(again[0]?.bound).to.equal(true);
  });

  it("do not arise between the bindings of one request, however many transactions it takes", async () => {
    const names = Array.from({ length: 140 }, (_, index) => `p${index}`);
    await placing.api.create("/api/v1/nodes", {
      ...node("big"),
      status: { allocatable: { cpu: "100", memory: "1Gi", pods: "200" } },
    });
    for (const name of names) await placing.api.create(PODS, pod(name));
    const seen = (await placing.generations()).get("big");
    const results = await placing.place({
      conflicts: "NodeGeneration",
      bindings: names.map((name) => to(name, "big", seen)),
    });
    expect(results.filter(({ bound }) => bound)).to.have.length(140);
    expect(new Set(results.map(({ generation }) => generation))).to.deep.equal(
      new Set([(await placing.generations()).get("big")]),
    );
  });

  it("leave nothing of an all-or-nothing placement, and name the culprit", async () => {
    const seen = await placing.generations();
    await placing.place({ bindings: [to("a", "m")] });
    const bindings = [to("b", "n", seen.get("n")), to("c", "m", seen.get("m"))];
    const results = await placing.place({ mode: "AllOrNothing", conflicts: "NodeGeneration", bindings });
    expect(results.map(({ bound }) => bound)).to.deep.equal([false, false]);
    expect(results.map(({ status }) => status?.message?.includes("has changed"))).to.deep.equal([false, true]);
    expect(await placing.nodeOf("b")).to.equal(undefined);
  });

  it("are seen across servers, also by one that has not heard of the other's placement", async () => {
    const other = await ApiHarness.start({ store: placing.api.store });
    const seen = (await placing.generations()).get("n") ?? -1;
    await placing.place({ conflicts: "NodeGeneration", bindings: [to("a", "n", seen)] });
    const place = (generation: number | undefined) =>
      other.call("POST", `${GROUP}/placements`, {
        body: { conflicts: "NodeGeneration", bindings: [to("b", "n", generation)] },
      });
    const stale = (await place(seen)).data as unknown as PlacementResponse;
    expect(stale.results[0]?.bound).to.equal(false);
    const fresh = (await place((await placing.generations()).get("n"))).data as unknown as PlacementResponse;
    expect(fresh.results[0]?.bound).to.equal(true);
    other.stop();
  });

  it("are counted for each scheduler, those of plain bindings too", async () => {
    const bindings = [to("a", "n"), to("missing", "n"), to("a", "m")];
    await placing.place({ scheduler: "batch", bindings });
    const binding = { metadata: { name: "b" }, target: { kind: "Node", name: "n" } };
    for (const code of [201, 409]) {
      expect((await placing.api.call("POST", `${PODS}/b/binding`, { body: binding })).code).to.equal(code);
    }
    const text = await placing.figures();
    for (const line of [
      'kctl_placement_bindings_total{scheduler="batch",outcome="bound"} 1',
      'kctl_placement_bindings_total{scheduler="batch",outcome="failed"} 1',
      'kctl_placement_bindings_total{scheduler="batch",outcome="conflict"} 1',
      'kctl_placement_bindings_total{scheduler="default-scheduler",outcome="conflict"} 1',
      'kctl_placement_conflict_fraction{scheduler="default-scheduler"} 0.5',
    ]) {
      expect(text).to.contain(line);
    }
  });

  const bad: [title: string, body: object, message: string][] = [
    ["another kind of conflict", { conflicts: "Any", bindings: [] }, 'conflicts: Unsupported value: "Any"'],
    ["a scheduler without a name", { scheduler: "", bindings: [] }, "scheduler: must be a name"],
    [
      "a missing generation",
      { conflicts: "NodeGeneration", bindings: [to("a", "n")] },
      "bindings[0].generation: Required value",
    ],
    [
      "a generation that is none",
      { conflicts: "NodeGeneration", bindings: [to("a", "n", -1)] },
      "bindings[0].generation: must be a whole number",
    ],
  ];
  for (const [title, body, message] of bad) {
    it(`are not looked for after ${title}`, async () => {
      const { code, data } = await placing.api.call("POST", `${GROUP}/placements`, { body });
      expect([code, data.message?.startsWith(message)]).to.deep.equal([400, true]);
    });
  }
});

interface Mode {
  readonly mode: "Incremental" | "AllOrNothing";
  readonly conflicts: "ResourceFit" | "NodeGeneration";
}

/** Two schedulers place gangs of three by turns, each on the state as it was before the other's last placement. */
async function replay({ mode, conflicts }: Mode): Promise<{ readonly fraction: number; readonly partial: number }> {
  const placing = new Placing();
  await placing.start();
  const random = seededRandom(7);
  const pick = (count: number) => Math.floor(random.float() * count);
  const nodes = Array.from({ length: 6 }, (_, index) => `n${index}`);
  for (const name of nodes) await placing.api.create("/api/v1/nodes", node(name));
  let seen = await placing.generations();
  let [attempted, refused, partial] = [0, 0, 0];
  for (let gang = 0; gang < 24; gang++) {
    const generations = seen;
    seen = await placing.generations();
    const names = [0, 1, 2].map((index) => `g${gang}-${index}`);
    for (const name of names) await placing.api.create(PODS, pod(name, `${50 + 50 * pick(3)}m`));
    const bindings = names.map((name) => {
      const target = nodes[pick(nodes.length)] ?? "";
      return { namespace: "default", name, node: target, generation: generations.get(target) };
    });
    const results = await placing.place({ mode, conflicts, scheduler: `s${gang % 2}`, bindings });
    const bound = results.filter((result) => result.bound).length;
    attempted += results.length;
    refused += results.length - bound;
    if (bound > 0 && bound < results.length) partial++;
  }
  placing.api.stop();
  return { fraction: refused / attempted, partial };
}

describe("a trace of gangs, placed in each of the four modes", () => {
  it("meets more conflicts the coarser they are detected, and never leaves half a gang with all-or-nothing", async () => {
    const incremental = "Incremental";
    const allOrNothing = "AllOrNothing";
    const fine = await replay({ mode: incremental, conflicts: "ResourceFit" });
    const coarse = await replay({ mode: incremental, conflicts: "NodeGeneration" });
    const fineGangs = await replay({ mode: allOrNothing, conflicts: "ResourceFit" });
    const coarseGangs = await replay({ mode: allOrNothing, conflicts: "NodeGeneration" });
    expect(fine.fraction).to.be.greaterThan(0);
    expect(coarse.fraction).to.be.greaterThan(fine.fraction);
    expect(coarseGangs.fraction).to.be.greaterThan(fineGangs.fraction);
    expect([fineGangs.partial, coarseGangs.partial]).to.deep.equal([0, 0]);
    expect(fine.partial).to.be.greaterThan(0);
  });
});
