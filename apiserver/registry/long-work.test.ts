import { expect } from "chai";
import { nextTurn } from "../../lib/next-turn.ts";
import { ApiHarness } from "../../testing/api-harness.ts";
import { FakeClock } from "../../testing/fake-clock.ts";

const PATH = "/api/v1/namespaces/default/configmaps";
const OBJECTS = 600;

/** A clock by which everything takes long. */
class SlowClock extends FakeClock {
  #looks = 0;

  override monotonic(): number {
    this.#looks += 10;
    return super.monotonic() + this.#looks;
  }
}

/** How many turns others had while the work was done. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const working = work().finally(() => (isDone = true));
  for (; !isDone; turns += 1) await nextTurn();
  await working;
  return turns;
}

describe("work on many objects", () => {
  let api: ApiHarness;
  let first: string;
  before(async () => {
    api = await ApiHarness.start({ clock: new SlowClock() });
    for (let index = 0; index < OBJECTS; index += 1) {
      const { metadata } = await api.create(PATH, {
        metadata: { name: `c-${index}`, labels: { odd: String(index % 2) } },
      });
      first ??= metadata.resourceVersion ?? "";
    }
  });
  after(() => api.stop());

  const works: [title: string, method: string, target: () => string][] = [
    ["a list with a selector", "GET", () => `${PATH}?labelSelector=odd%3D1`],
    [
      "a list with a selector that finds nothing",
      "GET",
      () => `${PATH}?fieldSelector=metadata.name!%3Dc-1&labelSelector=none`,
    ],
    [
      "a list of the past",
      "GET",
      () => `${PATH}?resourceVersion=${Number(first) + OBJECTS - 1}&resourceVersionMatch=Exact`,
    ],
    ["trying to delete a collection", "DELETE", () => `${PATH}?dryRun=All`],
    ["the start of a watch with a selector", "GET", () => `${PATH}?watch=true&labelSelector=odd%3D1`],
  ];
  for (const [title, method, target] of works) {
    it(`gives way to others: ${title}`, async () => {
      const turns = await turnsDuring(async () => {
        const { code, data } = await api.call(method, target());
        expect(code, JSON.stringify(data)).to.equal(200);
      });
      expect(turns).to.be.greaterThan(2);
    });
  }

  it("gives way to others: reading the history of a watch that is resumed after a restart", async () => {
    const clock = new SlowClock();
    const starting = ApiHarness.start({ store: api.store, clock });
    await clock.advance(0);
    const restarted = await starting;
    const turns = await turnsDuring(async () => {
      const watch = await restarted.watch(`${PATH}?watch=true&resourceVersion=${first}`);
      while (watch.events.length < OBJECTS - 1) await nextTurn();
      await watch.stop();
    });
    expect(turns).to.be.greaterThan(20);
    restarted.stop();
  });

  it("finds the same as it would at once", async () => {
    const { items = [] } = await api.get(`${PATH}?labelSelector=odd%3D1`);
    expect(items).to.have.length(OBJECTS / 2);
    const { items: page = [], metadata } = await api.get(`${PATH}?labelSelector=odd%3D1&limit=100`);
    expect(page).to.deep.equal(items.slice(0, 100));
    const { continue: token } = metadata as { continue?: string };
    const { items: rest } = await api.get(`${PATH}?labelSelector=odd%3D1&continue=${token}`);
    expect(rest).to.deep.equal(items.slice(100));
  });
});
