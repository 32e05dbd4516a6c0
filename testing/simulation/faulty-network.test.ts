import { expect } from "chai";
import { emptyRequestBody, type EncodableEvent, type Handler, type HttpRequest } from "../../lib/http.ts";
import { seededRandom } from "../../lib/random.ts";
import { FakeClock } from "../fake-clock.ts";
import { Dice } from "./dice.ts";
import { CALM, faultyNetwork, type Weather } from "./faulty-network.ts";

const request = (method: string): HttpRequest => ({
  method,
  path: "/",
  query: new URLSearchParams(),
  headers: {},
  body: emptyRequestBody,
  peer: { address: "test" },
  signal: new AbortController().signal,
});

describe("the network of a simulation", () => {
  let clock: FakeClock;
  let arrived: string[];
  let isCut: boolean;
  beforeEach(() => {
    clock = new FakeClock();
    arrived = [];
    isCut = false;
  });

  const answer: Handler = ({ method }) => {
    arrived.push(method);
    return Promise.resolve({ status: 200, headers: {}, body: { kind: "empty" } });
  };
  const network = (weather: Partial<Weather>, server = answer) =>
    faultyNetwork({
      server,
      clock,
      dice: new Dice(seededRandom(1)),
      weather: () => ({ ...CALM, delayMsMax: 100, ...weather }),
      isCut: () => isCut,
    });
  /** `200`, or the error's name, once time has passed. */
  const send = async (handler: Handler, method: string) => {
    const outcome = handler(request(method)).then(
      ({ status }) => String(status),
      (error: Error) => error.name,
    );
    await clock.advance(1000);
    return outcome;
  };

  const cases: readonly [
    title: string,
    weather: Partial<Weather>,
    method: string,
    outcome: string,
    arrivals: number,
  ][] = [
    ["passes everything on when it is calm", {}, "POST", "200", 1],
    ["loses requests before they arrive", { lostRequests: 1 }, "POST", "HttpError", 0],
    ["loses answers after the request took effect", { lostAnswers: 1 }, "POST", "HttpError", 1],
    ["delays", { delays: 1 }, "GET", "200", 1],
    ["lets a write arrive twice", { duplicates: 1 }, "POST", "200", 2],
    ["lets a read arrive once", { duplicates: 1 }, "GET", "200", 1],
  ];
  for (const [title, weather, method, outcome, arrivals] of cases) {
    it(title, async () => {
      expect(await send(network(weather), method)).to.equal(outcome);
      expect(arrived).to.have.length(arrivals);
    });
  }

  it("lets nothing through while it is cut", async () => {
    isCut = true;
    expect(await send(network({}), "GET")).to.equal("HttpError");
    expect(arrived).to.deep.equal([]);
  });

  it("ends a watch early", async () => {
    const event: EncodableEvent = { type: "ADDED", object: {}, line: () => new Uint8Array() };
    const many = async function* () {
      for (let count = 0; count < 100; count++) yield await Promise.resolve([event]);
    };
    const watched: Handler = () =>
      Promise.resolve({ status: 200, headers: {}, body: { kind: "events", events: many() } });
    const { body } = await network({ cuts: 1 }, watched)(request("GET"));
    let count = 0;
    if (body.kind === "events") for await (const batch of body.events) count += batch.length;
    expect(count).to.be.below(10);
  });
});
