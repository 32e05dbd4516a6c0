import { systemClock } from "./clock.ts";
import { Agent } from "node:https";
import { expect } from "chai";
import { createTestAuthority } from "../testing/test-certificates.ts";
import type { RunningServer } from "./http-server.ts";
import type { Handler } from "./http.ts";
import type { KeyPair } from "./x509.ts";
import { HttpsFixture, respondJson } from "../testing/https-fixture.ts";

const clock = systemClock();

describe("the peer of a connection", () => {
  const https = HttpsFixture.forSuite();

  describe("believes a client certificate", () => {
    const peer: Handler = (request) => Promise.resolve(respondJson(request.peer.certificate ?? null));
    const seen = async (server: RunningServer, keys?: KeyPair) =>
      JSON.parse((await https.ask(server, { keys })).body.toString()) as unknown;

    it("that the client CA signed", async () => {
      const server = await https.serve(peer);
      const keys = await https.authority.client("admin", ["system:masters", "ops"]);
      expect(await seen(server, keys)).to.deep.equal({ commonName: "admin", organizations: ["system:masters", "ops"] });
    });

    it("only then: not without one, from another CA, expired, not yet valid, or made for servers", async () => {
      const server = await https.serve(peer);
      const other = await createTestAuthority(clock.now());
      expect(await seen(server)).to.equal(null);
      expect(await seen(server, await other.client("admin", ["system:masters"]))).to.equal(null);
      expect(
        await seen(server, await https.authority.client("admin", [], { notAfterMs: clock.now() - 1000 })),
      ).to.equal(null);
      expect(
        await seen(server, await https.authority.client("admin", [], { notBeforeMs: clock.now() + 60_000 })),
      ).to.equal(null);
      expect(await seen(server, await https.authority.client("admin", [], { usage: "server" }))).to.equal(null);
    });

    it("on resumed sessions too, and never without one", async () => {
      const server = await https.serve(peer);
      const keys = await https.authority.client("admin");
      for (const [credentials, expected] of [
        [keys, { commonName: "admin", organizations: [] }],
        [undefined, null],
      ] as const) {
        const agent = new Agent({ maxCachedSessions: 10, keepAlive: false });
        for (let turn = 0; turn < 3; turn++) {
          const { body } = await https.ask(server, { keys: credentials, agent });
          expect(JSON.parse(body.toString())).to.deep.equal(expected);
        }
      }
    });
  });
});
