import { expect } from "chai";
import { systemClock } from "../lib/clock.ts";
import { httpsHandler } from "../lib/http-client.ts";
import type { RunningServer } from "../lib/http-server.ts";
import { emptyRequestBody } from "../lib/http.ts";
import { silentLog } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { systemRandom } from "../lib/random.ts";
import { createClient } from "./api-client.ts";
import { serveComponent, serveWhile, type ServingFlags } from "./component-server.ts";

const readFile = (path: string) => Promise.reject(new Error(`there is no ${path}`));

const partsFor = (usualPort: number) => ({
  client: createClient(() => Promise.reject(new Error("there is no API server"))),
  metrics: createMetrics(),
  log: silentLog,
  clock: systemClock(),
  random: systemRandom(),
  configuration: {},
  isReady: () => true,
  usualPort,
  readFile,
});

const serve = (flags: Partial<ServingFlags>, usualPort = 0) =>
  serveComponent({ bindAddress: "127.0.0.1", ...flags }, partsFor(usualPort));

describe("serving a component's own endpoint", () => {
  let first: RunningServer | undefined;
  afterEach(() => first?.close());

  it("makes its own certificate where none is given", async () => {
    first = await serve({});
    const baseUrl = `https://127.0.0.1:${first?.port}`;
    const ask = httpsHandler({ baseUrl, tls: {}, insecureSkipVerify: true });
    const { status } = await ask({
      method: "GET",
      path: "/healthz",
      query: new URLSearchParams(),
      headers: {},
      body: emptyRequestBody,
      peer: { address: "" },
      signal: AbortSignal.timeout(5000),
    });
    expect(status).to.equal(200);
    // Another on the same machine: it does without the usual port, and insists on one that it was given.
    expect(await serve({}, first?.port)).to.equal(undefined);
    expect(await problem(serve({ securePort: first?.port }))).to.contain("is in use");
  });

  it("ends with the component's work, also where that fails", async () => {
    first = await serve({});
    const port = first?.port;
    await first?.close();
    const failing = serveWhile({ securePort: port, bindAddress: "127.0.0.1" }, partsFor(0), async () => {
      expect(await problem(serve({ securePort: port }))).to.contain("is in use");
      throw new Error("it has failed");
    });
    expect(await problem(failing)).to.equal("it has failed");
    first = await serve({ securePort: port });
  });

  it("serves nothing where the port is 0", async () => {
    expect(await serve({ securePort: 0 }, 1)).to.equal(undefined);
  });

  it("refuses half a key pair, and files that are not there", async () => {
    expect(await problem(serve({ securePort: 1, tlsCertFile: "a" }))).to.contain("go together");
    expect(await problem(serve({ securePort: 1, tlsCertFile: "a", tlsPrivateKeyFile: "b" }))).to.equal(
      "--tls-cert-file a cannot be read: there is no a",
    );
  });
});

const problem = (promise: Promise<unknown>) =>
  promise.then(
    () => "",
    (error: unknown) => (error as Error).message,
  );
