import { expect } from "chai";
import { ApiHarness } from "../testing/api-harness.ts";
import { parseFence } from "./fence.ts";

const LEASE = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
const PATH = "/api/v1/namespaces/default/configmaps";

describe("a fence", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
    await api.create(LEASE, { metadata: { name: "leader" }, spec: { holderIdentity: "a;1", leaseTransitions: 3 } });
  });
  afterEach(() => api.stop());
  const headers = (holder: string, transitions: number) => ({
    "gantry-fence": `kube-system/leader;${holder};${transitions}`,
  });
  const create = (name: string, fence: Record<string, string>) =>
    api.call("POST", PATH, { body: { metadata: { name } }, headers: fence });
  const renew = async (spec: object) => {
    const lease = await api.get(`${LEASE}/leader`);
    await api.call("PUT", `${LEASE}/leader`, { body: { ...lease, spec: { ...lease.spec, ...spec } } });
  };

  it("lets the holder of the lease write, also while it is being renewed", async () => {
    const writes = Array.from({ length: 5 }, (_, index) => create(`c${index}`, headers("a;1", 3)));
    const renewals = ["00", "01", "02"].map((second) => renew({ renewTime: `2026-01-01T00:00:${second}.000000Z` }));
    const replies = await Promise.all(writes);
    await Promise.all(renewals);
    expect(replies.map(({ code }) => code)).to.deep.equal([201, 201, 201, 201, 201]);
  });

  const refusals: [title: string, fence: Record<string, string>, message: string][] = [
    ["another holder", headers("b", 3), 'it is held by "a;1"'],
    ["an earlier term", headers("a;1", 2), "it has changed hands since"],
    ["no lease", { "gantry-fence": "kube-system/none;a;1" }, "the lease does not exist"],
  ];
  for (const [title, fence, message] of refusals) {
    it(`keeps out writers with ${title}`, async () => {
      const { code, data } = await create("c", fence);
      expect([code, data.reason]).to.deep.equal([409, "Conflict"]);
      expect(data.message).to.contain(message);
      expect((await api.call("GET", `${PATH}/c`)).code).to.equal(404);
    });
  }

  it("keeps a former leader from updating and deleting too", async () => {
    await api.create(PATH, { metadata: { name: "c" } });
    await renew({ holderIdentity: "b", leaseTransitions: 4 });
    const stale = { headers: headers("a;1", 3) };
    const update = await api.call("PUT", `${PATH}/c`, {
      ...stale,
      body: { metadata: { name: "c" }, data: { x: "y" } },
    });
    expect(update.code).to.equal(409);
    expect((await api.call("DELETE", `${PATH}/c`, stale)).code).to.equal(409);
  });

  it("is refused when it cannot be read", () => {
    for (const header of ["", "a;b;1", "ns/l;h", "ns/l;h;x"])
      expect(() => parseFence(header)).to.throw("invalid gantry-fence");
  });
});
