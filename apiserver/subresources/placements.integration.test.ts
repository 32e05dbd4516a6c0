// Placements as another machine sends them: over HTTPS, with a client certificate, to a server over the embedded store.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { PLACEMENTS_PATH, type PlacementResponse } from "../../api/placement/placement.ts";
import type { KeyPair } from "../../lib/x509.ts";
import type { RunningServer } from "../../lib/http-server.ts";
import { ApiHarness } from "../../testing/api-harness.ts";
import { HttpsFixture } from "../../testing/https-fixture.ts";
import { EmbeddedStore } from "../storage/embedded-store.ts";

const PODS = "/api/v1/namespaces/default/pods";
const pod = (index: number, cpu: string) => ({
  metadata: { name: `p${index}` },
  spec: { containers: [{ name: "c", image: "i", resources: { requests: { cpu } } }] },
});
const node = (name: string) => ({
  metadata: { name },
  status: { allocatable: { cpu: "8", memory: "8Gi", pods: "99" } },
});

describe("placements over HTTPS", () => {
  const https = HttpsFixture.forSuite();
  let directory: string;
  let store: EmbeddedStore;
  let api: ApiHarness;
  let server: RunningServer;
  let keys: KeyPair;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "gantry-placements-"));
    store = EmbeddedStore.open(directory);
    api = await ApiHarness.start({ store });
    server = await https.serve(api.server.handle);
    keys = await https.authority.client("admin", ["system:masters"]);
    for (const name of ["a", "b", "c"]) await send("/api/v1/nodes", node(name));
    // The one in the middle fits nowhere.
    for (let index = 0; index < 20; index++) await send(PODS, pod(index, index === 9 ? "9" : "100m"));
  });
  afterEach(async () => {
    api.stop();
    await store.close();
    rmSync(directory, { recursive: true });
  });

  async function send(path: string, body: object): Promise<unknown> {
    const headers = { "content-type": "application/json" };
    const answer = await https.ask(server, { path, method: "POST", headers, body: JSON.stringify(body), keys });
    expect(answer.status).to.be.oneOf([200, 201]);
    return JSON.parse(answer.body.toString());
  }

  async function place(mode: string): Promise<PlacementResponse> {
    const nodes = ["a", "b", "c"];
    const bindings = Array.from({ length: 20 }, (_, index) => ({
      namespace: "default",
      name: `p${index}`,
      node: nodes[index % nodes.length],
    }));
    return (await send(PLACEMENTS_PATH, { mode, bindings })) as PlacementResponse;
  }

  /** What the store holds, whatever the server has said. */
  async function persisted(): Promise<number> {
    const { items } = await store.list("/registry/pods/");
    return items.filter(({ value }) => (JSON.parse(Buffer.from(value).toString()) as Pod).spec.nodeName).length;
  }

  it("bind none of 20 pods when all are wanted and one does not fit", async () => {
    const { results } = await place("AllOrNothing");
    expect(results.map(({ bound }) => bound)).to.deep.equal(Array.from({ length: 20 }, () => false));
    expect(results[9]?.status?.message).to.contain('node "a" has no room for the pod: Insufficient cpu');
    expect(results[8]?.status?.message).to.contain("nothing was bound");
    expect(await persisted()).to.equal(0);
  });

  it("bind the 19 others when what can be bound is wanted", async () => {
    const { results } = await place("Incremental");
    expect(results.flatMap(({ bound, name }) => (bound ? [] : [name]))).to.deep.equal(["p9"]);
    expect(await persisted()).to.equal(19);
  });
});
