import { expect } from "chai";
import { FakeClock } from "../../testing/fake-clock.ts";
import { EndpointPicker } from "./endpoint-picker.ts";

const [a, b, c] = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((ip) => ({ ip, port: 80 })) as [Target, Target, Target];
type Target = { ip: string; port: number };

describe("picking an endpoint", () => {
  it("starts with each in turn, and gives the others to fall back on", () => {
    const picker = new EndpointPicker(new FakeClock());
    picker.update([a, b, c], undefined);
    expect(picker.candidates("x")).to.deep.equal([a, b, c]);
    expect(picker.candidates("x")).to.deep.equal([b, c, a]);
    expect(picker.candidates("y")).to.deep.equal([c, a, b]);
    expect(picker.candidates("y")).to.deep.equal([a, b, c]);
  });

  it("has nothing to offer without endpoints", () => {
    expect(new EndpointPicker(new FakeClock()).candidates("x")).to.deep.equal([]);
  });

  it("puts the endpoint first that the client had, for as long as affinity lasts since its last connection", async () => {
    const clock = new FakeClock();
    const picker = new EndpointPicker(clock);
    picker.update([a, b, c], 60);
    picker.chose("x", b);
    await clock.advance(59_000);
    expect(picker.candidates("x")).to.deep.equal([b, a, c]);
    picker.chose("x", b);
    await clock.advance(59_000);
    expect(picker.candidates("x")[0]).to.deep.equal(b);
    await clock.advance(1_000);
    expect(picker.candidates("x")).to.deep.equal([c, a, b]);
  });

  it("remembers nothing without affinity, and forgets when affinity ends", () => {
    const picker = new EndpointPicker(new FakeClock());
    picker.update([a, b], undefined);
    picker.chose("x", b);
    expect(picker.candidates("x")[0]).to.deep.equal(a);
    picker.update([a, b], 60);
    picker.chose("x", b);
    picker.update([a, b], undefined);
    picker.update([a, b], 60);
    expect(picker.candidates("x")[0]).to.deep.equal(b);
    expect(picker.candidates("x")[0]).to.deep.equal(a);
  });

  it("turns to another endpoint when the remembered one has left", () => {
    const picker = new EndpointPicker(new FakeClock());
    picker.update([a, b], 60);
    picker.chose("x", b);
    picker.update([a, c], 60);
    expect(picker.candidates("x")).to.deep.equal([a, c]);
  });

  it("forgets the client seen longest ago when there are too many", () => {
    const picker = new EndpointPicker(new FakeClock());
    picker.update([a, b], 60);
    picker.chose("first", b);
    for (let client = 0; client < 10_000; client++) picker.chose(String(client), a);
    expect(picker.candidates("first")[0]).to.deep.equal(a);
    expect(picker.candidates("9999")[0]).to.deep.equal(a);
  });
});
