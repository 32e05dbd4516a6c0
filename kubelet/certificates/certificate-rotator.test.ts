import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "chai";
import type { Clock } from "../../lib/clock.ts";
import { silentLog } from "../../lib/log.ts";
import { seededRandom } from "../../lib/random.ts";
import { createAuthority, type KeyPair } from "../../lib/x509.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { renewalMs, rotateCertificate } from "./certificate-rotator.ts";
import { parsePair } from "./certificate-store.ts";

const HOUR_MS = 3_600_000;

const keysUntil = (clock: Clock, lifeMs: number): Promise<KeyPair> => {
  const validity = { notBeforeMs: clock.now(), notAfterMs: clock.now() + lifeMs };
  return createAuthority({ commonName: "x", random: seededRandom(1), ...validity });
};

describe("the renewal of a certificate", () => {
  it("comes after 70 to 90 percent of its life", () => {
    const validity = { notBeforeMs: 1000, notAfterMs: 2000 };
    expect([0, 0.5, 1].map((random) => renewalMs(validity, random))).to.deep.equal([1700, 1800, 1900]);
  });

  it("comes in good time, again and again, and is tried until it works", async () => {
    const clock = new FakeClock();
    const used: KeyPair[] = [];
    const kept: KeyPair[] = [];
    const asked: number[] = [];
    const startedMs = clock.now();
    let fails = false;
    const stop = new AbortController();
    const first = await keysUntil(clock, 10 * HOUR_MS);
    const running = rotateCertificate(
      {
        title: "test",
        current: first,
        request: async () => {
          asked.push((clock.now() - startedMs) / HOUR_MS);
          if (fails) throw new Error("no route to host");
          return keysUntil(clock, 10 * HOUR_MS);
        },
        keep: (keys) => Promise.resolve(void kept.push(keys)),
        use: (keys) => void used.push(keys),
        clock,
        random: { ...seededRandom(1), float: () => 0 },
        log: silentLog,
      },
      stop.signal,
    );
    const pass = async (hours: number) => {
      for (let minute = 0; minute < hours * 60; minute++) await clock.advance(60_000);
    };
    /** A certificate takes real time to make. */
    const untilUsed = async (count: number) => {
      while (used.length < count) await nextTurn();
    };
    await pass(6.9);
    expect(asked).to.deep.equal([]);
    await pass(0.2);
    await untilUsed(1);
    expect(asked).to.deep.equal([7]);
    expect(used).to.deep.equal(kept);
    fails = true;
    await pass(7);
    expect(asked.length).to.be.greaterThan(3);
    expect(used.length).to.equal(1);
    fails = false;
    await pass(0.1);
    await untilUsed(2);
    stop.abort();
    await running;
  });
});

describe("a file with a certificate and its key", () => {
  it("is read as both, and half of one is none", async () => {
    const { cert, key } = await keysUntil(new FakeClock(), HOUR_MS);
    const text = `${cert}${key}`;
    expect(parsePair(text)).to.deep.equal({ cert: text, key: text });
    for (const half of ["", cert, key, cert.slice(0, 100) + key]) expect(parsePair(half)).to.equal(undefined);
  });
});
