import { expect } from "chai";
import type { Client } from "../../client/client.ts";
import { createClient } from "../../client/api-client.ts";
import type { HttpResponse } from "../../lib/http.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { servesGangs } from "./served-kinds.ts";

/** Answers with these codes, one after the other, and counts the answers that were read to their end. */
function serverThatSays(...codes: readonly number[]): { client: Client; read: () => number } {
  const left = [...codes];
  let read = 0;
  async function* chunks() {
    yield Buffer.from("{}");
    await Promise.resolve();
    read++;
  }
  const answer = (): HttpResponse => ({
    status: left.shift() ?? 500,
    headers: {},
    body: { kind: "stream", chunks: chunks() },
  });
  return { client: createClient(() => Promise.resolve(answer())), read: () => read };
}

describe("servesGangs", () => {
  const cases: readonly { says: readonly number[]; served: boolean }[] = [
    { says: [200], served: true },
    { says: [404], served: false },
    { says: [503, 500, 200], served: true },
  ];
  for (const { says, served } of cases) {
    it(`is ${served} where the server says ${says.join(", then ")}, and reads each answer to its end`, async () => {
      const clock = new FakeClock();
      const { client, read } = serverThatSays(...says);
      const asked = servesGangs(client, clock, new AbortController().signal);
      await clock.advance(10_000);
      expect(await asked).to.equal(served);
      // A connection whose answer is left unread stays taken, and keeps the process alive.
      expect(read()).to.equal(says.length);
    });
  }
});
