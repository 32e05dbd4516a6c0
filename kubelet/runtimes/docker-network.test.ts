import { expect } from "chai";
import { FakeClock } from "../../testing/fake-clock.ts";
import { DockerError, type DockerEngine } from "./docker-engine.ts";
import { ensurePodNetwork } from "./docker-network.ts";

const OVERLAP = new DockerError(403, "Pool overlaps with other one on this address space");
const NETWORK = { name: "gantry-c1", subnet: "10.244.0.0/16", cluster: "c1" };

/** An Engine whose network is there from the moment that `madeAtMs` says; a try before fails, as one after its start does. */
function engineWith({ clock, madeAtMs, refusal }: { clock: FakeClock; madeAtMs: number; refusal?: DockerError }) {
  let created = 0;
  const isThere = () => created > 0 || clock.monotonic() >= madeAtMs;
  const engine: DockerEngine = {
    call: ({ method }) => {
      const found = { Name: NETWORK.name, IPAM: { Config: [{ Subnet: NETWORK.subnet }] } };
      if (method === "GET") return isThere() ? Promise.resolve(found) : Promise.reject(new DockerError(404, "none"));
      if (refusal) return Promise.reject(refusal);
      created++;
      return Promise.resolve({});
    },
    stream: () => Promise.reject(new Error("not asked for")),
    connect: () => Promise.reject(new Error("not asked for")),
  };
  return { engine, created: () => created };
}

async function ensure(clock: FakeClock, engine: DockerEngine): Promise<string> {
  const ensured = ensurePodNetwork(engine, { ...NETWORK, clock }, new AbortController().signal).then(
    () => "done",
    (error: Error) => error.message,
  );
  await clock.advance(60_000);
  return ensured;
}

describe("the network of a cluster's pods", () => {
  it("is made once", async () => {
    const clock = new FakeClock();
    const { engine, created } = engineWith({ clock, madeAtMs: Infinity });
    expect(await ensure(clock, engine)).to.equal("done");
    expect(await ensure(clock, engine)).to.equal("done");
    expect(created()).to.equal(1);
  });

  it("is waited for while another node of the cluster makes it", async () => {
    const clock = new FakeClock();
    const { engine } = engineWith({ clock, madeAtMs: clock.monotonic() + 350, refusal: OVERLAP });
    expect(await ensure(clock, engine)).to.equal("done");
  });

  it("is refused, with what to do, where its addresses belong to somebody else", async () => {
    const clock = new FakeClock();
    const { engine } = engineWith({ clock, madeAtMs: Infinity, refusal: OVERLAP });
    expect(await ensure(clock, engine)).to.equal(
      "the pod addresses 10.244.0.0/16 overlap with another network of Docker: choose another cluster CIDR",
    );
  });

  it("is not tried again after another failure", async () => {
    const clock = new FakeClock();
    const { engine } = engineWith({ clock, madeAtMs: Infinity, refusal: new DockerError(500, "no space left") });
    expect(await ensure(clock, engine)).to.equal("no space left");
  });
});
