import { once } from "node:events";
import { expect } from "chai";
import type { RunningServer } from "./http-server.ts";
import type { Handler, HttpRequest } from "./http.ts";
import { HttpsFixture, respondText, untilClosed } from "../testing/https-fixture.ts";

describe("the HTTPS server under attack", () => {
  const https = HttpsFixture.forSuite();

  describe("survives", () => {
    const readBody: Handler = async (request: HttpRequest) =>
      respondText(200, String((await request.body.bytes(1000)).length));
    const stillAnswers = async (server: RunningServer) =>
      expect((await https.ask(server, { method: "POST", body: "abc" })).body.toString()).to.equal("3");

    it("a body above the limit, announced or not", async () => {
      const server = await https.serve(readBody);
      expect((await https.ask(server, { method: "POST", body: "x".repeat(2000) })).status).to.equal(413);
      const socket = await https.raw(server);
      socket.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      const chunk = `3e8\r\n${"x".repeat(1000)}\r\n`;
      socket.write(chunk + chunk + chunk);
      expect(await untilClosed(socket)).to.match(/^HTTP\/1.1 413 /);
      await stillAnswers(server);
    });

    it("a chunked body that never ends", async () => {
      const server = await https.serve(readBody, { limits: { bodyTimeoutMs: 50 } });
      const socket = await https.raw(server);
      socket.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
      expect(await untilClosed(socket)).to.match(/^HTTP\/1.1 408 /);
      await stillAnswers(server);
    });

    it("a compressed body", async () => {
      const server = await https.serve(readBody);
      const answer = await https.ask(server, { method: "POST", headers: { "content-encoding": "gzip" }, body: "bomb" });
      expect(answer.status).to.equal(415);
    });

    it("headers that are too large, and headers that never end", async () => {
      const server = await https.serve(readBody, { limits: { headerBytesMax: 8192, headersTimeoutMs: 200 } });
      const large = await https.raw(server);
      large.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${"x".repeat(10_000)}\r\n\r\n`);
      expect(await untilClosed(large)).to.match(/^HTTP\/1.1 431 /);
      const slow = await https.raw(server);
      slow.write("GET / HTTP/1.1\r\nHost: x\r\n");
      expect(await untilClosed(slow)).to.match(/^HTTP\/1.1 408 /);
      await stillAnswers(server);
    });

    it("bytes that are no HTTP, and two lengths in one request", async () => {
      const server = await https.serve(readBody);
      for (const bytes of [
        "nonsense\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ]) {
        const socket = await https.raw(server);
        socket.write(bytes);
        expect(await untilClosed(socket)).to.match(/^HTTP\/1.1 400 /);
      }
      await stillAnswers(server);
    });

    it("a handler that never answers", async () => {
      let aborted = false;
      const server = await https.serve(
        ({ signal }) => new Promise(() => signal.addEventListener("abort", () => (aborted = true))),
        { limits: { answerTimeoutMs: 50 } },
      );
      expect((await https.ask(server)).status).to.equal(504);
      expect(aborted).to.equal(true);
    });

    it("a client that goes away while the handler works", async () => {
      let gone: Promise<unknown> = Promise.resolve();
      let started: () => void = () => undefined;
      const working = new Promise<void>((resolve) => (started = resolve));
      const server = await https.serve(async ({ signal }) => {
        gone = once(signal, "abort");
        started();
        await gone;
        return respondText(200, "nobody hears");
      });
      const socket = await https.raw(server);
      socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      await working;
      socket.destroy();
      await gone;
    });
  });
});
