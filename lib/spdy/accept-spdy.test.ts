import { expect } from "chai";
import { FakeClock } from "../../testing/fake-clock.ts";
import { spdyClientOf, spdyHeadersOf } from "../../testing/spdy-client.ts";
import { acceptSpdy, spdyRequestHeaders, wantsSpdy } from "./accept-spdy.ts";

const accept = (headers: Readonly<Record<string, string>>, begun: string[] = []) =>
  acceptSpdy(
    { headers },
    {
      protocols: ["v4", "v3"],
      clock: new FakeClock(),
      admits: () => true,
      begin: (_connection, protocol) => (stream) => void begun.push(`${protocol} ${stream.headers.get("name")}`),
    },
  );

describe("an upgrade to SPDY", () => {
  for (const [upgrade, wanted] of [
    ["SPDY/3.1", true],
    ["spdy/3.1", true],
    ["websocket", false],
    ["SPDY/2", false],
    [undefined, false],
  ] as const) {
    it(`is ${wanted ? "" : "not "}what the header ${upgrade ?? "(none)"} asks for`, () => {
      expect(wantsSpdy({ headers: { upgrade } })).to.equal(wanted);
    });
  }

  it("is answered with the first of the client's protocols that is served", () => {
    for (const [offered, agreed] of [
      [["v5", "v3", "v4"], "v3"],
      [["v4"], "v4"],
    ] as const) {
      const { status, headers } = accept(spdyRequestHeaders(offered));
      expect([status, headers]).to.deep.equal([101, spdyRequestHeaders([agreed])]);
    }
  });

  for (const [offered, code, message] of [
    [[], 400, "unable to upgrade: X-Stream-Protocol-Version is required"],
    [
      ["v5", "x"],
      403,
      "unable to upgrade: unable to negotiate protocol: client supports [v5 x], server accepts [v4 v3]",
    ],
  ] as const) {
    it(`is refused with ${code} to one who offers ${offered.join(" and ") || "nothing"}`, () => {
      expect(() => accept(spdyRequestHeaders(offered)))
        .to.throw(message)
        .with.property("code", code);
    });
  }

  it("gives the client's streams to whoever serves the protocol", async () => {
    const begun: string[] = [];
    const client = spdyClientOf(accept(spdyRequestHeaders(["v3"]), begun));
    await client.open(spdyHeadersOf({ name: "one" }));
    await client.open(spdyHeadersOf({ name: "two" }));
    expect(begun).to.deep.equal(["v3 one", "v3 two"]);
  });
});
