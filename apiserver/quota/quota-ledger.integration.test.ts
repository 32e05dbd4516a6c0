import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../lib/clock.ts";
import { EtcdServer } from "../../testing/etcd-server.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { describeQuotaContention } from "../../testing/quota-contention.ts";
import { EmbeddedStore } from "../storage/embedded-store.ts";
import { EtcdStore } from "../storage/etcd-store.ts";

describeQuotaContention("the embedded store", () => {
  const directory = mkdtempSync(join(tmpdir(), "gantry-quota-"));
  const store = EmbeddedStore.open(directory);
  return Promise.resolve({
    store,
    async cleanup() {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  });
});

describeWith(["etcd"], "etcd", () => {
  describeQuotaContention("etcd", async () => {
    const servers = await EtcdServer.start();
    const store = new EtcdStore({ endpoints: servers.map(({ url }) => url), clock: systemClock() });
    return {
      store,
      async cleanup() {
        await store.close();
        await Promise.all(servers.map((server) => server.remove()));
      },
    };
  });
});
