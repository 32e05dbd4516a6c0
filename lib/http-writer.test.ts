import { once } from "node:events";
import { PassThrough } from "node:stream";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { HttpsFixture, respond, respondText } from "../testing/https-fixture.ts";

describe("the writer of responses", () => {
  const https = HttpsFixture.forSuite();

  describe("sends", () => {
    const long = "x".repeat(300_000);
    const object = (...pieces: string[]) =>
      respond({ kind: "object", object: {}, chunks: () => pieces.map((piece) => Buffer.from(piece)) });

    it("short bodies with their length", async () => {
      const { headers, body } = await https.ask(await https.serve(() => Promise.resolve(object("[1,", "2]"))));
      expect(body.toString()).to.equal("[1,2]");
      expect(headers["content-length"]).to.equal("5");
    });

    it("long bodies in pieces, compressed where the client takes that", async () => {
      for (const answer of [object(long, long), respondText(200, long + long)]) {
        const server = await https.serve(() => Promise.resolve(answer));
        const plain = await https.ask(server);
        expect(plain.body.toString()).to.equal(long + long);
        expect(plain.headers).not.to.have.property("content-encoding");
        const compressed = await https.ask(server, { headers: { "accept-encoding": "gzip" } });
        expect(compressed.headers["content-encoding"]).to.equal("gzip");
        expect(gunzipSync(compressed.body).toString()).to.equal(long + long);
        expect((await https.ask(server, { headers: { "accept-encoding": "gzip;q=0" } })).body).to.have.lengthOf(
          600_000,
        );
      }
    });

    it("no body in answer to HEAD", async () => {
      const answer = await https.ask(await https.serve(() => Promise.resolve(respondText(200, "body"))), {
        method: "HEAD",
      });
      expect([answer.status, answer.body.length]).to.deep.equal([200, 0]);
    });

    it("watch events line by line, each as it comes", async () => {
      const source = new PassThrough({ objectMode: true });
      async function* events() {
        for await (const line of source)
          yield [{ type: "ADDED" as const, object: {}, line: () => Buffer.from(String(line)) }];
      }
      const server = await https.serve(() => Promise.resolve(respond({ kind: "events", events: events() })));
      const received = await https.start(server);
      for (const line of ['{"n":1}\n', '{"n":2}\n']) {
        source.write(line);
        const [chunk] = (await once(received, "data")) as [Buffer];
        expect(chunk.toString()).to.equal(line);
      }
      source.end();
      await once(received, "end");
    });

    for (const end of ["client", "server"] as const)
      it(`a stream no faster than the client reads it, until the ${end} ends`, async () => {
        let produced = 0;
        let returned = false;
        async function* chunks() {
          try {
            for (;;) {
              produced++;
              yield Buffer.alloc(64 * 1024);
              await Promise.resolve();
            }
          } finally {
            returned = true;
          }
        }
        const server = await https.serve(() => Promise.resolve(respond({ kind: "stream", chunks: chunks() })));
        const socket = await https.raw(server);
        socket.pause();
        socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        let before = -1;
        while (produced !== before || produced === 0) {
          before = produced;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        expect(produced).to.be.lessThan(500);
        if (end === "client") socket.destroy();
        else void server.close();
        while (!returned) await new Promise((resolve) => setTimeout(resolve, 5));
        socket.destroy();
      });

    it("a break, not an end, when the source of a stream fails", async () => {
      async function* chunks() {
        yield Buffer.from("half");
        await Promise.reject(new Error("source failed"));
      }
      const server = await https.serve(() => Promise.resolve(respond({ kind: "stream", chunks: chunks() })));
      let failure: unknown;
      await https.ask(server).catch((error: unknown) => (failure = error));
      expect(failure).to.have.property("code", "ECONNRESET");
    });

    it("500 when the handler throws", async () => {
      const server = await https.serve(() => Promise.reject(new Error("broken")));
      const answer = await https.ask(server);
      expect(answer.status).to.equal(500);
      expect(answer.body.toString()).not.to.contain("broken");
    });
  });
});
