import { text } from "node:stream/consumers";
import { expect } from "chai";
import { emptyRequestBody, type HttpRequest } from "../../lib/http.ts";
import { nextTurn } from "../../lib/next-turn.ts";
import { spdyRequestHeaders } from "../../lib/spdy/accept-spdy.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { spdyClientOf, spdyHeadersOf } from "../../testing/spdy-client.ts";
import type { ProcessStreams } from "../runtimes/runtime.ts";
import { carryStreams } from "./container-streams.ts";
import { acceptSpdyStreams } from "./spdy-streams.ts";

const requestOf = (headers: Readonly<Record<string, string>>): HttpRequest => ({
  method: "POST",
  path: "/exec/default/web/main",
  query: new URLSearchParams(),
  headers,
  body: emptyRequestBody,
  peer: { address: "" },
  signal: new AbortController().signal,
});

/** Says on stderr what it got, and fails with 3 where there was no input. */
async function shout({ stdin, stdout, stderr }: ProcessStreams): Promise<number> {
  let got = "";
  for await (const chunk of stdin ?? []) {
    got += Buffer.from(chunk).toString();
    await stdout?.(Buffer.from(Buffer.from(chunk).toString().toUpperCase()));
  }
  await stderr?.(Buffer.from(`got ${got.length}`));
  return got === "" ? 3 : 0;
}

function connect(protocols: readonly string[], options: { tty?: boolean; program?: typeof shout } = {}) {
  const { tty = false, program = shout } = options;
  const clock = new FakeClock();
  const wanted = { stdin: true, stdout: true, stderr: !tty, tty };
  const response = acceptSpdyStreams(requestOf(spdyRequestHeaders(protocols)), {
    wanted,
    clock,
    serve: (remote) => void carryStreams(remote, wanted, program),
  });
  const client = spdyClientOf(response, clock);
  const open = (streamtype: string) => client.open(spdyHeadersOf({ streamtype }));
  return { response, client, clock, open };
}

const V4 = "v4.channel.k8s.io";
const failure = (run: () => unknown): string => {
  try {
    run();
    return "none";
  } catch (error) {
    const { code, message } = error as { code: number; message: string };
    return `${code} ${message}`;
  }
};

describe("exec and attach over SPDY", () => {
  for (const [input, exit] of [
    ["hello", { v4: '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success"}', before: "" }],
    ["", { v4: /"reason":"NonZeroExitCode".*"ExitCode","message":"3"/, before: /^command terminated with .* 3$/ }],
  ] as const) {
    for (const protocol of [V4, "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"]) {
      it(`carry the streams and how it ended over ${protocol}, with ${input === "" ? "no" : "an"} input`, async () => {
        const { open, client } = connect([protocol]);
        const [error, stdin] = [await open("error"), await open("stdin")];
        const [stdout, stderr] = [await open("stdout"), await open("stderr")];
        stdin.end(input);
        const results = await Promise.all([text(stdout), text(stderr), text(error)]);
        expect(results.slice(0, 2)).to.deep.equal([input.toUpperCase(), `got ${input.length}`]);
        const expected = protocol === V4 ? exit.v4 : exit.before;
        if (typeof expected === "string") expect(results[2]).to.equal(expected);
        else expect(results[2]).to.match(expected);
        client.close();
      });
    }
  }

  it("speak the first of the client's protocols that is known, and refuse the others", () => {
    const { response } = connect(["v5.channel.k8s.io", V4, "channel.k8s.io"]);
    expect(response.headers).to.deep.equal({
      upgrade: "SPDY/3.1",
      connection: "Upgrade",
      "x-stream-protocol-version": V4,
    });
    expect(failure(() => connect(["v5.channel.k8s.io", "x"]))).to.equal(
      "403 unable to upgrade: unable to negotiate protocol: client supports [v5.channel.k8s.io x], server accepts [v4.channel.k8s.io v3.channel.k8s.io v2.channel.k8s.io channel.k8s.io]",
    );
    expect(failure(() => connect([]))).to.equal("400 unable to upgrade: X-Stream-Protocol-Version is required");
  });

  it("tell the program the size of the terminal", async () => {
    const sizes: unknown[] = [];
    const program = async ({ resize, stdin }: ProcessStreams) => {
      for await (const size of resize ?? []) sizes.push(size);
      for await (const chunk of stdin ?? []) sizes.push(Buffer.from(chunk).toString());
      return 0;
    };
    const { open } = connect([V4], { tty: true, program });
    const [error, resize] = [await open("error"), await open("resize")];
    const [stdin] = [await open("stdin"), await open("stdout")];
    resize.end('{"Width":101,"Height":33}\n');
    stdin.end("x");
    await text(error);
    expect(sizes).to.deep.equal([{ columns: 101, rows: 33 }, "x"]);
  });

  it("begin when the last stream is there, and not without", async () => {
    let begun = 0;
    const { open, client, clock } = connect([V4], { program: () => Promise.resolve((begun += 1)) });
    await Promise.all(["error", "stdin", "stdout"].map(open));
    expect(begun).to.equal(0);
    await clock.advance(30_000);
    await client.closed;
    expect(begun).to.equal(0);
  });

  it("refuse streams of an unknown type, and let go of a second one of a type", async () => {
    const { open } = connect([V4]);
    expect(await open("stdlog").catch((error: Error) => error.message)).to.contain("refused");
    const first = await open("stdout");
    const second = await open("stdout");
    await nextTurn();
    expect([first.destroyed, second.destroyed]).to.deep.equal([false, true]);
  });

  it("end the program when the client goes", async () => {
    let gone: Promise<void> | undefined;
    const program = ({ signal }: ProcessStreams) => {
      gone = new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
      return gone.then(() => 1);
    };
    const { open, client } = connect([V4], { program });
    await Promise.all(["error", "stdin", "stdout", "stderr"].map(open));
    client.destroy();
    await gone;
    expect(gone).to.be.instanceOf(Promise);
  });
});
