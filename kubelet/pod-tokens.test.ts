import { expect } from "chai";
import { StatusError } from "../api/meta/status.ts";
import { formatTime } from "../lib/clock.ts";
import { silentLog } from "../lib/log.ts";
import { seededRandom } from "../lib/random.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { podOf } from "../testing/pod-states.ts";
import { PodTokens } from "./pod-tokens.ts";

const { signal } = new AbortController();

describe("the tokens of pods", () => {
  let clock: FakeClock;
  let asked: unknown[];
  let due: string[];
  let isDown: boolean;
  let tokens: PodTokens;
  const pod = podOf({ serviceAccountName: "robot" });
  const { uid, name, namespace } = pod.metadata;
  beforeEach(() => {
    clock = new FakeClock();
    asked = [];
    due = [];
    isDown = false;
    const createSubresource = (_: unknown, target: object, body: unknown) => {
      if (isDown) return Promise.reject(new StatusError("ServiceUnavailable", "down"));
      const { spec } = body as { spec: { expirationSeconds: number } };
      asked.push({ ...target, ...spec });
      const expirationTimestamp = formatTime(clock.now() + spec.expirationSeconds * 1000);
      return Promise.resolve({ status: { token: `token ${asked.length}`, expirationTimestamp } });
    };
    const deps = { client: { createSubresource }, clock, random: seededRandom(1), log: silentLog };
    tokens = new PodTokens(deps, (podUid) => due.push(podUid));
  });
  afterEach(() => tokens.stop());
  const get = (projection: object = {}) => tokens.get(pod, { path: "token", ...projection }, signal);

  it("are asked for once, for the pod's account, and bound to the pod", async () => {
    expect([await get({ expirationSeconds: 3607 }), await get({ expirationSeconds: 3607 })]).to.deep.equal([
      "token 1",
      "token 1",
    ]);
    expect(asked).to.deep.equal([
      {
        namespace,
        name: "robot",
        subresource: "token",
        audiences: [],
        expirationSeconds: 3607,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
      },
    ]);
  });

  it("differ by whom they are for", async () => {
    expect([await get({ audience: "vault" }), await get({ audience: "other" })]).to.deep.equal(["token 1", "token 2"]);
  });

  it("are renewed when four fifths of their life are over", async () => {
    await get({ expirationSeconds: 600 });
    await clock.advance(469_000);
    expect([due, await get({ expirationSeconds: 600 })]).to.deep.equal([[], "token 1"]);
    await clock.advance(11_000);
    expect([due, await get({ expirationSeconds: 600 })]).to.deep.equal([[uid], "token 2"]);
  });

  it("are renewed every day, however long they last", async () => {
    await get({ expirationSeconds: 10 * 86_400 });
    await clock.advance(86_400_000);
    expect(due).to.deep.equal([uid]);
  });

  it("go on while the server gives no new ones, until they have expired", async () => {
    await get({ expirationSeconds: 600 });
    isDown = true;
    await clock.advance(480_000);
    expect([due.length, await get({ expirationSeconds: 600 })]).to.deep.equal([1, "token 1"]);
    await clock.advance(30_000);
    expect(due).to.have.length(2);
    await clock.advance(120_000);
    const failure: unknown = await get({ expirationSeconds: 600 }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(StatusError);
  });

  it("leave no timer behind when their pod has gone", async () => {
    await get();
    tokens.forget(uid);
    expect(clock.nextTimerMs()).to.equal(undefined);
    expect(await get()).to.equal("token 2");
  });
});
