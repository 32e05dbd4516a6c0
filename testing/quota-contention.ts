// What must hold for quotas on every store: that many writers at once never use more than there is, and all that there is.

import { expect } from "chai";
import type { Store } from "../apiserver/storage/store.ts";
import { ApiHarness, type Data, type Reply } from "./api-harness.ts";

interface OpenedStore {
  readonly store: Store;
  cleanup(): Promise<void>;
}

const QUOTAS = "/api/v1/namespaces/default/resourcequotas";
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

export function describeQuotaContention(kind: string, open: () => Promise<OpenedStore>): void {
  describe(`a quota on ${kind}`, () => {
    let opened: OpenedStore;
    const servers: ApiHarness[] = [];
    before(async () => {
      opened = await open();
      // Two servers on one store, as in a cluster with two of them.
      for (let count = 0; count < 2; count += 1) servers.push(await ApiHarness.start({ store: opened.store }));
    });
    after(async () => {
      for (const server of servers) server.stop();
      await opened.cleanup();
    });

    const serverOf = (index: number) => servers[index % servers.length] as ApiHarness;
    const createMany = (prefix: string, count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, index) =>
          serverOf(index).call("POST", CONFIG_MAPS, { body: { metadata: { name: `${prefix}-${index}` } } }),
        ),
      );
    const limit = async (name: string, hard: number, used: number): Promise<Data> => {
      const quota = await serverOf(0).create(QUOTAS, {
        metadata: { name },
        spec: { hard: { "count/configmaps": String(hard) } },
      });
      const status = {
        hard: { "count/configmaps": String(hard) },
        used: { "count/configmaps": String(used) },
      };
      const { code, data } = await serverOf(0).call("PUT", `${QUOTAS}/${name}/status`, { body: { ...quota, status } });
      expect(code).to.equal(200);
      // The other server must have heard of it.
      await serverOf(1).get(`${QUOTAS}/${name}`);
      return data;
    };
    const countBy = (replies: readonly Reply[]) => {
      const codes: Record<string, number> = {};
      for (const { code } of replies) codes[code] = (codes[code] ?? 0) + 1;
      return codes;
    };
    const usedOf = async (name: string) => (await serverOf(0).get(`${QUOTAS}/${name}`)).status;

    it("lets exactly ten of a hundred in that come at once to two servers", async () => {
      await limit("ten", 10, 0);
      const replies = await createMany("a", 100);
      expect(countBy(replies)).to.deep.equal({ "201": 10, "403": 90 });
      expect(replies.find(({ code }) => code === 403)?.data.message).to.match(
        /^configmaps "a-\d+" is forbidden: exceeded quota: ten, requested: count\/configmaps=1, used: count\/configmaps=10, limited: count\/configmaps=10$/,
      );
      expect(await usedOf("ten")).to.have.nested.property("used.count/configmaps", "10");
      expect((await serverOf(1).get(CONFIG_MAPS)).items).to.have.length(10);
      await serverOf(0).call("DELETE", `${QUOTAS}/ten`);
      await serverOf(0).call("DELETE", CONFIG_MAPS);
    });

    it("fails nobody while there is room, and charges each once", async () => {
      await limit("wide", 1000, 0);
      expect(countBy(await createMany("b", 200))).to.deep.equal({ "201": 200 });
      expect(await usedOf("wide")).to.have.nested.property("used.count/configmaps", "200");
      // Names that are taken are told so, and charged nothing.
      expect(countBy(await createMany("b", 50))).to.deep.equal({ "409": 50 });
      expect(await usedOf("wide")).to.have.nested.property("used.count/configmaps", "200");
    });
  });
}
