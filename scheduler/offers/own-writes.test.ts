import { expect } from "chai";
import type { Offer } from "../../api/kctl-scheduling/offer.ts";
import { NOW, offer } from "../../testing/offer-state.ts";
import { OwnWrites } from "./own-writes.ts";

const version = (of: Offer, resourceVersion: string, phase: "Outstanding" | "Expired" = "Outstanding"): Offer => ({
  ...of,
  metadata: { ...of.metadata, uid: "u", resourceVersion },
  status: { phase },
});

describe("own writes", () => {
  const first = version(offer("x", "a"), "5");
  const second = version(first, "7", "Expired");

  it("show before the cache shows them, until it does", () => {
    const writes = new OwnWrites();
    writes.written(first);
    expect(writes.over([], NOW)).to.deep.equal([first]);
    writes.written(second);
    expect(writes.over([first], NOW)).to.deep.equal([second]);
    writes.seen({ type: "updated", before: first, object: version(first, "9") });
    expect(writes.over([first], NOW)).to.deep.equal([first]);
  });

  it("show what is removed no more, and remember that only as long as the cache shows it", () => {
    const writes = new OwnWrites();
    writes.removed(first);
    expect(writes.over([first], NOW)).to.deep.equal([]);
    expect(writes.over([], NOW)).to.deep.equal([]);
    expect(writes.over([first], NOW)).to.deep.equal([first]);
  });

  it("are forgotten when the object is gone, or has expired without ever being shown", () => {
    const writes = new OwnWrites();
    writes.written(first);
    expect(writes.over([], NOW + 3_600_000)).to.deep.equal([]);
    writes.written(first);
    writes.seen({ type: "deleted", object: first });
    expect(writes.over([], NOW)).to.deep.equal([]);
  });
});
