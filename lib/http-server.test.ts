import { connect as connectHttp2 } from "node:http2";
import { expect } from "chai";
import { ListenError } from "./http-server.ts";
import { HttpsFixture, respond, respondJson, respondText, untilClosed } from "../testing/https-fixture.ts";

describe("the HTTPS server", () => {
  const https = HttpsFixture.forSuite();

  describe("passes to the handler", () => {
    it("the decoded path, the query, the headers and the body", async () => {
      const server = await https.serve(async (request) =>
        respondJson({
          method: request.method,
          path: request.path,
          query: request.query.getAll("a"),
          header: request.headers["x-test"],
          body: Buffer.from(await request.body.bytes(100)).toString(),
        }),
      );
      const path = "/api/a%20b?a=1&a=%2F";
      const answer = await https.ask(server, { method: "POST", path, headers: { "X-Test": "yes" }, body: "hello" });
      expect(JSON.parse(answer.body.toString())).to.deep.equal({
        method: "POST",
        path: "/api/a b",
        query: ["1", "/"],
        header: "yes",
        body: "hello",
      });
    });

    it("the same over HTTP/2, with many requests on one connection", async () => {
      const server = await https.serve(async (request) =>
        respondJson({
          path: request.path,
          body: Buffer.from(await request.body.bytes(100)).toString(),
          peer: request.peer,
        }),
      );
      const keys = await https.authority.client("jane", ["dev"]);
      const session = connectHttp2(`https://127.0.0.1:${server.port}`, { ca: https.authority.ca, ...keys });
      const answers = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const stream = session.request({ ":method": "POST", ":path": `/item/${index}` });
          stream.end(`body ${index}`);
          return JSON.parse(Buffer.concat((await stream.toArray()) as Buffer[]).toString()) as unknown;
        }),
      );
      session.close();
      expect(answers[7]).to.deep.equal({
        path: "/item/7",
        body: "body 7",
        peer: { address: "127.0.0.1", certificate: { commonName: "jane", organizations: ["dev"] } },
      });
    });

    it("nothing of paths that could be read in two ways", async () => {
      let calls = 0;
      const server = await https.serve(() => Promise.resolve(respondJson(++calls)));
      for (const path of ["/api/../x", "/api/%2e%2e/x", "/a%2fb", "/%00", "/%ff"]) {
        expect((await https.ask(server, { path })).status, path).to.equal(400);
      }
      expect(calls).to.equal(0);
    });
  });

  describe("upgrades", () => {
    const upgrade = "GET /exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    it("hand over the connection, with the bytes that came early", async () => {
      const server = await https.serve(() =>
        Promise.resolve({
          status: 101,
          headers: { upgrade: "websocket", connection: "Upgrade" },
          body: {
            kind: "upgrade",
            accept: (connection, head) => void connection.end(`got ${Buffer.from(head).toString()}`),
          },
        }),
      );
      const socket = await https.raw(server);
      socket.write(`${upgrade}early`);
      const received = await untilClosed(socket);
      expect(received).to.match(/^HTTP\/1.1 101 .*\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\ngot early$/);
    });

    it("close the connection when refused, and read nothing more from it", async () => {
      const paths: string[] = [];
      const server = await https.serve((request) => {
        paths.push(request.path);
        return Promise.resolve(respondText(403, "no"));
      });
      const socket = await https.raw(server);
      socket.write(`${upgrade}GET /secrets HTTP/1.1\r\nHost: x\r\n\r\n`);
      const received = await untilClosed(socket);
      expect(received).to.match(/^HTTP\/1.1 403 /);
      expect(received.match(/HTTP\/1.1/g)).to.have.lengthOf(1);
      expect(paths).to.deep.equal(["/exec"]);
    });

    it("close the connection when the handler fails", async () => {
      const server = await https.serve(() => Promise.reject(new Error("broken")));
      const socket = await https.raw(server);
      socket.write(upgrade);
      expect(await untilClosed(socket)).to.match(/^HTTP\/1.1 500 /);
    });
  });

  describe("when closed", () => {
    it("ends streams in order and lets requests in flight finish", async () => {
      let finish: () => void = () => undefined;
      const finishing = new Promise<void>((resolve) => (finish = resolve));
      async function* endless() {
        yield Buffer.from("first");
        await new Promise(() => undefined);
      }
      const server = await https.serve(
        async ({ path }) => {
          if (path === "/watch") return respond({ kind: "stream", chunks: endless() });
          await finishing;
          return respondText(200, "finished");
        },
        { limits: { drainMs: 5000 } },
      );
      const received = await https.start(server, { path: "/watch" });
      const watched = received.toArray();
      const asked = https.ask(server, { path: "/slow" });
      await new Promise((resolve) => setTimeout(resolve, 20));
      const closing = server.close();
      expect(Buffer.concat((await watched) as Buffer[]).toString()).to.equal("first");
      finish();
      expect((await asked).body.toString()).to.equal("finished");
      await closing;
    });

    it("cuts what does not end", async () => {
      const server = await https.serve(() => new Promise(() => undefined), { limits: { drainMs: 20 } });
      const asked = https.ask(server).catch((error: NodeJS.ErrnoException) => error.code);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await server.close();
      expect(await asked).to.equal("ECONNRESET");
    });
  });

  it("says in a sentence why it cannot listen", async () => {
    const { port } = await https.serve(() => Promise.resolve(respondText(200, "")));
    let failure: unknown;
    await https
      .serve(() => Promise.resolve(respondText(200, "")), { port })
      .catch((error: unknown) => (failure = error));
    expect(failure).to.be.instanceOf(ListenError);
    expect((failure as Error).message).to.equal(
      `127.0.0.1:${port} is in use. Stop the program that listens there, or choose another port.`,
    );
  });

  it("shows pages to browsers only, and leaves the rest to the handler", async () => {
    const server = await https.serve(() => Promise.resolve(respondText(200, "handler")), {
      pages: (app) => void app.get("/", (_request, response) => void response.type("html").send("<p>page</p>")),
    });
    const headers = { accept: "text/html,*/*" };
    expect((await https.ask(server, { headers })).body.toString()).to.equal("<p>page</p>");
    expect((await https.ask(server, { headers, path: "/api" })).body.toString()).to.equal("handler");
    expect((await https.ask(server)).body.toString()).to.equal("handler");

    const session = connectHttp2(`https://127.0.0.1:${server.port}`, { ca: https.authority.ca });
    const stream = session.request({ ":path": "/", accept: "text/html" });
    expect(Buffer.concat((await stream.toArray()) as Buffer[]).toString()).to.equal("<p>page</p>");
    session.close();
  });
});
