import { expect } from "chai";
import { seededRandom } from "../../lib/random.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { Forwarder, parseResolvConf } from "./forwarder.ts";
import { readQuery, writeReply, STREAM_LIMIT, type Code, type Query, type Reply } from "./message.ts";
import type { ExchangeOptions, UpstreamExchange, UpstreamServer } from "./upstream-exchange.ts";

const server = (address: string): UpstreamServer => ({ address, port: 53 });
const A = { name: "example.com", type: "A" } as const;

const reply = (rest: Partial<Reply> = {}): Reply => ({
  code: "NOERROR",
  answers: [{ type: "A", name: A.name, ttl: 20, data: "192.0.2.1" }],
  authorities: [],
  additionals: [],
  isAuthoritative: false,
  ...rest,
});

type Behaviour = (query: Query, asked: { readonly isStream: boolean }) => Buffer | undefined;

const answering =
  (rest: Partial<Reply> = {}): Behaviour =>
  (query) =>
    writeReply(query, reply(rest), STREAM_LIMIT);
const silent: Behaviour = () => undefined;

/** Servers that behave as told; undefined is silence until the asker gives up. */
class FakeServers implements UpstreamExchange {
  readonly asked: string[] = [];
  constructor(private readonly behaviours: Readonly<Record<string, Behaviour>>) {}
  datagram = (to: UpstreamServer, query: Buffer, options: ExchangeOptions) =>
    this.#exchange(to, query, { ...options, isStream: false });
  stream = (to: UpstreamServer, query: Buffer, options: ExchangeOptions) =>
    this.#exchange(to, query, { ...options, isStream: true });

  #exchange(
    { address }: UpstreamServer,
    bytes: Buffer,
    { accepts, signal, isStream }: ExchangeOptions & { isStream: boolean },
  ) {
    const query = readQuery(bytes) as Query;
    this.asked.push(`${address}${isStream ? " by TCP" : ""}: ${query.question.name}`);
    const answer = this.behaviours[address]?.(query, { isStream });
    if (answer && accepts(answer)) return Promise.resolve(answer);
    return new Promise<Buffer>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  }
}

describe("questions to other servers", () => {
  const clock = new FakeClock();
  const start = (behaviours: Readonly<Record<string, Behaviour>>, stubs: Readonly<Record<string, string>> = {}) => {
    const exchange = new FakeServers(behaviours);
    const servers = Object.keys(behaviours)
      .filter((address) => !Object.values(stubs).includes(address))
      .map(server);
    const stubDomains = new Map(Object.entries(stubs).map(([domain, address]) => [domain, [server(address)]]));
    return { exchange, forwarder: new Forwarder({ servers, stubDomains, exchange, clock, random: seededRandom(1) }) };
  };
  const codeOf = async (asking: Promise<{ readonly code: Code }>): Promise<Code> => {
    let code: Code | undefined;
    void asking.then((each) => (code = each.code));
    for (let step = 0; step < 10 && code === undefined; step += 1) await clock.advance(1000);
    return code ?? "NOTIMP";
  };

  it("keeps an answer for as long as it holds, and counts its time down", async () => {
    const { exchange, forwarder } = start({ one: answering() });
    await forwarder.ask(A);
    await clock.advance(5000);
    expect(forwarder.recall({ ...A, name: "EXAMPLE.com" })?.answers[0]).to.include({ ttl: 15, data: "192.0.2.1" });
    await clock.advance(15_000);
    expect(forwarder.recall(A)).to.equal(undefined);
    expect(exchange.asked).to.have.length(1);
  });

  it("keeps no answer for more than half a minute, and that there is none as the zone says", async () => {
    const { forwarder } = start({
      one: answering({ answers: [{ type: "A", name: A.name, ttl: 9999, data: "192.0.2.1" }] }),
    });
    await forwarder.ask(A);
    await clock.advance(30_000);
    expect(forwarder.recall(A)).to.equal(undefined);
    const soa = { type: "SOA", name: "com", ttl: 900, data: { mname: "a", rname: "b", minimum: 7 } } as const;
    const none = start({ one: answering({ code: "NXDOMAIN", answers: [], authorities: [soa] }) }).forwarder;
    await none.ask(A);
    await clock.advance(6000);
    expect(none.recall(A)?.code).to.equal("NXDOMAIN");
    await clock.advance(1000);
    expect(none.recall(A)).to.equal(undefined);
  });

  it("asks equal questions of a moment once", async () => {
    const { exchange, forwarder } = start({ one: answering() });
    await Promise.all([forwarder.ask(A), forwarder.ask({ ...A, name: "Example.com" }), forwarder.ask(A)]);
    expect(exchange.asked).to.have.length(1);
  });

  it("goes on to the next server where one is silent or fails, and stays with what answers", async () => {
    const { exchange, forwarder } = start({
      one: silent,
      two: answering({ code: "SERVFAIL", answers: [] }),
      three: answering(),
    });
    expect(await codeOf(forwarder.ask(A))).to.equal("NOERROR");
    expect(await codeOf(forwarder.ask({ ...A, name: "other.com" }))).to.equal("NOERROR");
    expect(exchange.asked.map((each) => each.split(":")[0])).to.deep.equal(["one", "two", "three", "three"]);
  });

  it("says that it failed when nobody answers, and remembers that for a moment", async () => {
    const { exchange, forwarder } = start({ one: silent });
    expect(await codeOf(forwarder.ask(A))).to.equal("SERVFAIL");
    expect(forwarder.recall(A)?.code).to.equal("SERVFAIL");
    expect(exchange.asked).to.have.length(2);
  });

  it("asks again by TCP for what did not fit", async () => {
    const { exchange, forwarder } = start({
      one: (query, { isStream }) =>
        writeReply(
          query,
          reply({ answers: Array.from({ length: 200 }, () => reply().answers[0]!) }),
          isStream ? STREAM_LIMIT : 512,
        ),
    });
    expect((await forwarder.ask(A)).answers).to.have.length(200);
    expect(exchange.asked).to.deep.equal(["one: example.com", "one by TCP: example.com"]);
  });

  it("takes no answer with another id or to another question", async () => {
    for (const forge of [
      (query: Query) => ({ ...query, id: query.id ^ 1 }),
      (query: Query) => ({ ...query, question: { name: "evil.com", type: "A" as const } }),
    ]) {
      const { forwarder } = start({ one: (query) => writeReply(forge(query), reply(), STREAM_LIMIT) });
      expect(await codeOf(forwarder.ask(A))).to.equal("SERVFAIL");
    }
  });

  it("asks the servers of a stub domain for what is below it", async () => {
    const { exchange, forwarder } = start({ one: answering(), corp: answering() }, { "corp.example": "corp" });
    await forwarder.ask({ name: "db.Corp.example", type: "A" });
    await forwarder.ask({ name: "xcorp.example", type: "A" });
    expect(exchange.asked).to.deep.equal(["corp: db.Corp.example", "one: xcorp.example"]);
  });

  it("fails where there is nobody to ask", async () => {
    expect((await start({}).forwarder.ask(A)).code).to.equal("SERVFAIL");
  });

  it("finds the servers of a resolv.conf, but not itself", () => {
    const text =
      "# nameserver 1.1.1.1\nnameserver 10.0.0.2\n  nameserver 127.0.0.1 \nnameserver nonsense\nsearch a b\nnameserver fe80::1\n";
    expect(parseResolvConf(text, ["127.0.0.1"]).map(({ address }) => address)).to.deep.equal(["10.0.0.2", "fe80::1"]);
  });
});
