import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:tls";
import { expect } from "chai";
import { HttpsFixture, respondJson } from "../testing/https-fixture.ts";
import type { RunningServer } from "./http-server.ts";
import type { Handler } from "./http.ts";

const peer: Handler = (request) => Promise.resolve(respondJson(request.peer.certificate ?? null));

describe("the keys of a server", () => {
  const https = HttpsFixture.forSuite();

  /** The serial number of the certificate that a new connection is shown. */
  async function shown({ port }: RunningServer): Promise<string> {
    const socket = connect({ host: "127.0.0.1", port, ca: https.authority.ca });
    try {
      await once(socket, "secureConnect");
      return socket.getPeerX509Certificate()?.serialNumber ?? "";
    } finally {
      socket.destroy();
    }
  }
  const serialOf = (cert: string) => new X509Certificate(cert).serialNumber;

  it("may come after it, and change while it runs", async () => {
    const server = await https.serve(peer, { tls: { clientCa: https.authority.ca } });
    expect(await shown(server).catch((error: Error) => error.message)).to.contain("handshake failure");
    for (const keys of [await https.authority.server(), await https.authority.server()]) {
      server.useKeys(keys);
      expect(await shown(server)).to.equal(serialOf(keys.cert));
    }
    const client = await https.authority.client("admin");
    expect((await https.ask(server, { keys: client })).body.toString()).to.contain("admin");
    expect((await https.ask(server)).body.toString()).to.equal("null");
  });
});
