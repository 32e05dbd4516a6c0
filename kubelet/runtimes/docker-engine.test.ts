import { PassThrough } from "node:stream";
import { expect } from "chai";
import { FakeClock } from "../../testing/fake-clock.ts";
import { limitAnswers, type DockerEngine, type EngineRequest } from "./docker-engine.ts";
import { isRuntimeError } from "./runtime-error.ts";

const untilAborted = ({ signal }: EngineRequest): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

const hanging: DockerEngine = { call: untilAborted, stream: untilAborted, connect: untilAborted };
const request = { method: "GET", path: "/x", signal: new AbortController().signal } as const;
const outcome = (work: Promise<unknown>) => work.catch((error: unknown) => error);

describe("limitAnswers", () => {
  let clock: FakeClock;
  beforeEach(() => (clock = new FakeClock()));

  for (const name of ["call", "stream", "connect"] as const) {
    it(`ends a ${name} that Docker does not answer`, async () => {
      const ended = outcome(limitAnswers(hanging, clock)[name](request));
      await clock.advance(120_000);
      expect(isRuntimeError(await ended, "Unavailable")).to.equal(true);
    });

    it(`leaves a long ${name} to its signal`, async () => {
      const stop = new AbortController();
      const ended = outcome(limitAnswers(hanging, clock)[name]({ ...request, isLong: true, signal: stop.signal }));
      await clock.advance(600_000);
      stop.abort(new Error("enough"));
      expect(await ended).to.include({ message: "enough" });
    });
  }

  it("lets a stream that has begun last, and ends it with the request's signal", async () => {
    let given: AbortSignal | undefined;
    const body = new PassThrough();
    const stream = (sent: EngineRequest) => ((given = sent.signal), Promise.resolve(body));
    const stop = new AbortController();
    const engine = limitAnswers({ ...hanging, stream }, clock);
    expect(await engine.stream({ ...request, signal: stop.signal })).to.equal(body);
    await clock.advance(600_000);
    expect(given?.aborted).to.equal(false);
    stop.abort(new Error("enough"));
    expect(given?.reason).to.include({ message: "enough" });
  });
});
