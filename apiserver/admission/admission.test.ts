import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const PODS = "/api/v1/namespaces/default/pods";
const pod = (spec: object = {}) => ({
  metadata: { name: "p" },
  spec: { containers: [{ name: "c", image: "i" }], ...spec },
});

describe("admission", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.stop());

  it("lets pods outlast a short failure of their node", async () => {
    const { spec } = await api.create(PODS, pod());
    const seconds = { operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 };
    expect(spec).to.deep.include({
      tolerations: [
        { key: "node.kubernetes.io/not-ready", ...seconds },
        { key: "node.kubernetes.io/unreachable", ...seconds },
      ],
    });
  });

  it("leaves pods alone that say something else about it", async () => {
    const tolerations = [{ operator: "Exists" }];
    expect((await api.create(PODS, pod({ tolerations }))).spec).to.deep.include({ tolerations });
  });

  const priorities: [name: string | undefined, value: number][] = [
    [undefined, 0],
    ["system-cluster-critical", 2_000_000_000],
    ["system-node-critical", 2_000_001_000],
  ];
  for (const [priorityClassName, priority] of priorities) {
    it(`gives pods of ${priorityClassName ?? "no class"} the priority ${priority}`, async () => {
      const { spec } = await api.create(PODS, pod({ priorityClassName }));
      expect(spec).to.include({ priority, preemptionPolicy: "PreemptLowerPriority" });
    });
  }

  it("refuses priorities that no class gives", async () => {
    const unknown = await api.call("POST", PODS, { body: pod({ priorityClassName: "vip" }) });
    expect([unknown.code, unknown.data.message]).to.deep.equal([
      403,
      'pods "p" is forbidden: no PriorityClass with name vip was found',
    ]);
    expect((await api.call("POST", PODS, { body: pod({ priority: 5 }) })).code).to.equal(403);
  });

  it("keeps pods off nodes that nobody has seen ready", async () => {
    const { spec } = await api.create("/api/v1/nodes", { metadata: { name: "n" } });
    expect(spec).to.deep.include({ taints: [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }] });
  });
});
