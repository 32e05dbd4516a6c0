// A client that watches over HTTPS is cut off after each event of transactions that change many objects at one revision. It
// resumes, at the same server and at another over the same store, and must know in the end what the store has.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import type { KubeObject } from "../../api/meta/object.ts";
import { systemClock } from "../../lib/clock.ts";
import type { RunningServer } from "../../lib/http-server.ts";
import { ApiHarness } from "../../testing/api-harness.ts";
import { EtcdServer } from "../../testing/etcd-server.ts";
import { HttpsFixture } from "../../testing/https-fixture.ts";
import { describeWith, type MachinePart } from "../../testing/machine-parts.ts";
import { EmbeddedStore } from "../storage/embedded-store.ts";
import { EtcdStore } from "../storage/etcd-store.ts";
import { MemoryStore } from "../storage/memory-store.ts";
import type { Store } from "../storage/store.ts";

interface OpenStore {
  readonly store: Store;
  remove(): Promise<unknown>;
}

const KINDS: readonly { readonly name: string; readonly needs: readonly MachinePart[]; open(): Promise<OpenStore> }[] =
  [
    {
      name: "memory",
      needs: [],
      open: () => {
        const store = new MemoryStore();
        return Promise.resolve({ store, remove: () => store.close() });
      },
    },
    {
      name: "embedded",
      needs: [],
      open: () => {
        const directory = mkdtempSync(join(tmpdir(), "gantry-resume-"));
        const store = EmbeddedStore.open(directory);
        return Promise.resolve({
          store,
          remove: () => store.close().then(() => rmSync(directory, { recursive: true })),
        });
      },
    },
    {
      name: "etcd",
      needs: ["etcd"],
      open: async () => {
        const servers = await EtcdServer.start();
        const store = new EtcdStore({ endpoints: servers.map(({ url }) => url), clock: systemClock() });
        return {
          store,
          remove: () => store.close().then(() => Promise.all(servers.map((server) => server.remove()))),
        };
      },
    },
  ];

const PODS = "/api/v1/namespaces/default/pods";
const NAMES = ["a", "b", "c", "d", "e"];
const pod = (name: string) => ({
  metadata: { name, labels: { sort: name < "d" ? "low" : "high" } },
  spec: { containers: [{ name: "c", image: "i" }] },
});
const node = { metadata: { name: "n" }, status: { allocatable: { cpu: "9", memory: "9Gi", pods: "99" } } };

interface Told {
  readonly type: string;
  readonly object: KubeObject & { readonly spec?: { readonly nodeName?: string } };
}

/** What a client knows: the node of each pod that it has heard of. */
type Known = Map<string, string | undefined>;

for (const { name, needs, open } of KINDS) {
  describeWith(needs, `watching over HTTPS from the ${name} store`, function () {
    const https = HttpsFixture.forSuite();
    let opened: OpenStore;
    let api: ApiHarness;

    beforeEach(async () => {
      opened = await open();
      api = await ApiHarness.start({ store: opened.store });
      await api.create("/api/v1/nodes", node);
      for (const each of NAMES) await api.create(PODS, pod(each));
    });
    afterEach(async () => {
      api.stop();
      await opened.remove();
    });

    /** Hears of events until `isEnough`, then cuts the connection. Returns the version of the last event. */
    async function hear(
      server: RunningServer,
      query: string,
      options: { known: Known; isEnough(told: Told): boolean },
    ) {
      const keys = await https.authority.client("admin", ["system:masters"]);
      const answer = await https.start(server, { path: `${PODS}?watch=true&${query}`, keys });
      for await (const line of createInterface({ input: answer })) {
        const told = JSON.parse(line) as Told;
        const { name: of, resourceVersion } = told.object.metadata;
        expect(told.type, line).to.be.oneOf(["ADDED", "MODIFIED"]);
        options.known.set(of, told.object.spec?.nodeName);
        if (!options.isEnough(told)) continue;
        answer.destroy();
        return String(resourceVersion);
      }
      throw new Error("the watch has ended");
    }

    async function placeAll(): Promise<void> {
      const bindings = NAMES.map((each) => ({ namespace: "default", name: each, node: "n" }));
      const body = { mode: "AllOrNothing", bindings };
      const { data } = await api.call("POST", "/apis/placement.kctl.dev/v1/placements", { body });
      expect(JSON.stringify(data)).to.not.contain('"bound":false');
    }

    const selections: [title: string, query: string, names: readonly string[]][] = [
      ["all pods", "", NAMES],
      ["the pods of a label", "labelSelector=sort%3Dhigh&", ["d", "e"]],
      ["bound pods", "fieldSelector=spec.nodeName%3Dn&", NAMES],
    ];
    for (const [title, query, names] of selections) {
      it(`loses no placement among ${title}, wherever it is cut off and resumes`, async () => {
        const { metadata } = (await api.call("GET", PODS)).data;
        await placeAll();
        const later = await ApiHarness.start({ store: opened.store });
        await api.create(PODS, {
          ...pod("last"),
          spec: { ...pod("last").spec, nodeName: "n" },
          metadata: { name: "last", labels: { sort: "high" } },
        });
        const serve = ({ server }: ApiHarness) => https.serve((request) => server.handle(request));
        const [first, second] = [await serve(api), await serve(later)];
        for (const server of [first, second]) {
          for (let cut = 1; cut <= names.length; cut += 1) {
            const known: Known = new Map();
            let heard = 0;
            const from = `${query}resourceVersion=${metadata.resourceVersion}`;
            const version = await hear(first, from, { known, isEnough: () => ++heard === cut });
            const isLast = ({ object }: Told) => object.metadata.name === "last";
            await hear(server, `${query}resourceVersion=${version}`, { known, isEnough: isLast });
            expect([...known].sort(), `cut after ${cut}`).to.deep.equal([...names, "last"].map((each) => [each, "n"]));
          }
        }
        later.stop();
      });
    }
  });
}
