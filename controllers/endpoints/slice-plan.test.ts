import { expect } from "chai";
import fc from "fast-check";
import { services, type Service } from "../../api/core/service.ts";
import { endpointSlices, type Endpoint, type EndpointSlice } from "../../api/discovery/endpoint-slice.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { planSlices, type DesiredSlices, type EndpointGroup, type SliceContent } from "./slice-plan.ts";

const service = storedObject<Service>(services);
const labels = { app: "web" };
const http = [{ name: "http", protocol: "TCP" as const, port: 80 }];
const dns = [{ name: "dns", protocol: "UDP" as const, port: 53 }];

const endpoint = (index: number, ready = true): Endpoint => ({
  addresses: [`10.0.${index >> 8}.${index & 255}`],
  conditions: { ready },
  targetRef: { uid: String(index) },
});
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => endpoint(from + index));
const group = (endpoints: readonly Endpoint[], ports: EndpointGroup["ports"] = http): EndpointGroup => ({
  addressType: "IPv4",
  ports,
  endpoints,
});
const desired = (...groups: EndpointGroup[]): DesiredSlices => ({ service, labels, groups, addressTypes: ["IPv4"] });

let names = 0;
const slice = (content: Pick<SliceContent, "endpoints"> & Partial<SliceContent>): EndpointSlice =>
  storedObject(endpointSlices, {
    metadata: { name: `slice-${names++}`, labels: content.labels ?? labels },
    addressType: content.addressType ?? "IPv4",
    ports: content.ports ?? http,
    endpoints: content.endpoints,
  });

/** The slices after the plan was applied. */
function applied(wanted: DesiredSlices, existing: readonly EndpointSlice[]): readonly EndpointSlice[] {
  const plan = planSlices(wanted, existing);
  const kept = existing
    .filter((each) => !plan.remove.includes(each))
    .map((each) => ({ ...each, ...plan.update.find((update) => update.slice === each)?.content }));
  return [...kept, ...plan.create.map(slice)];
}

const counts = (wanted: DesiredSlices, existing: readonly EndpointSlice[]) => {
  const { create, update, remove } = planSlices(wanted, existing);
  return { create: create.length, update: update.length, remove: remove.length };
};
const sizes = (slices: readonly EndpointSlice[]) => slices.map(({ endpoints }) => endpoints.length);

describe("the plan of a service's slices", () => {
  it("makes one empty slice for a service without endpoints, and keeps it", () => {
    const made = applied(desired(), []);
    expect(sizes(made)).to.deep.equal([0]);
    expect(counts(desired(), made)).to.deep.equal({ create: 0, update: 0, remove: 0 });
  });

  it("empties the last slice instead of deleting it", () => {
    expect(counts(desired(), [slice({ endpoints: range(0, 3) })])).to.deep.equal({ create: 0, update: 1, remove: 0 });
  });

  it("makes a slice for each hundred endpoints", () => {
    expect(sizes(applied(desired(group(range(0, 250))), []))).to.deep.equal([100, 100, 50]);
  });

  it("makes slices of their own for other ports and other address families", () => {
    const wanted: DesiredSlices = {
      ...desired(group(range(0, 2)), group(range(2, 4), dns), { ...group(range(4, 5)), addressType: "IPv6" }),
      addressTypes: ["IPv4", "IPv6"],
    };
    const made = applied(wanted, []);
    expect(made.map(({ addressType, ports }) => `${addressType} ${ports?.[0]?.name}`)).to.deep.equal([
      "IPv4 http",
      "IPv4 dns",
      "IPv6 http",
    ]);
  });

  it("removes the slices of an address family that the service has no more", () => {
    const v6 = slice({ addressType: "IPv6", endpoints: range(0, 1) });
    expect(planSlices(desired(group(range(0, 1))), [v6]).remove).to.deep.equal([v6]);
  });

  it("writes only the slice whose endpoint changed", () => {
    const existing = [slice({ endpoints: range(0, 100) }), slice({ endpoints: range(100, 200) })];
    const wanted = [endpoint(0, false), ...range(1, 200)];
    const { update } = planSlices(desired(group(wanted)), existing);
    expect(update.map((each) => each.slice)).to.deep.equal([existing[0]]);
  });

  it("puts a new endpoint into a slice that has to be written anyway", () => {
    const existing = [slice({ endpoints: range(0, 60) }), slice({ endpoints: range(100, 180) })];
    const wanted = [...range(1, 60), ...range(100, 180), endpoint(300)];
    const { update, create } = planSlices(desired(group(wanted)), existing);
    expect(update.map((each) => each.slice)).to.deep.equal([existing[0]]);
    expect(create).to.deep.equal([]);
  });

  it("else into the fullest slice that has room", () => {
    const existing = [slice({ endpoints: range(0, 60) }), slice({ endpoints: range(100, 180) })];
    const wanted = [...range(0, 60), ...range(100, 180), endpoint(300)];
    expect(planSlices(desired(group(wanted)), existing).update.map((each) => each.slice)).to.deep.equal([existing[1]]);
  });

  it("fills a slice that has lost all its endpoints again", () => {
    const existing = [slice({ endpoints: range(0, 100) }), slice({ endpoints: range(100, 150) })];
    const wanted = [...range(0, 100), ...range(200, 250)];
    expect(counts(desired(group(wanted)), existing)).to.deep.equal({ create: 0, update: 1, remove: 0 });
  });

  it("writes new labels to every slice", () => {
    const existing = [slice({ endpoints: range(0, 100), labels: {} }), slice({ endpoints: range(100, 150) })];
    expect(counts(desired(group(range(0, 150))), existing)).to.deep.equal({ create: 0, update: 1, remove: 0 });
  });

  it("holds every endpoint once, in slices of at most a hundred, and is at rest after one round, whatever was there", () => {
    const set = fc.uniqueArray(fc.nat({ max: 400 }), { maxLength: 300 });
    const arbitrary = fc.record({ before: fc.array(set, { maxLength: 5 }), after: set, changed: fc.boolean() });
    fc.assert(
      fc.property(arbitrary, ({ before, after, changed }) => {
        const existing = before.map((each) => slice({ endpoints: each.slice(0, 100).map((index) => endpoint(index)) }));
        const wanted = desired(group(after.map((index) => endpoint(index, !changed))));
        const result = applied(wanted, existing);
        const held = result.flatMap(({ endpoints }) => endpoints.map(({ targetRef }) => Number(targetRef?.uid)));
        expect(held.sort((a, b) => a - b)).to.deep.equal([...after].sort((a, b) => a - b));
        expect(Math.max(...sizes(result))).to.be.at.most(100);
        expect(result.length).to.be.greaterThan(0);
        expect(counts(wanted, result)).to.deep.equal({ create: 0, update: 0, remove: 0 });
      }),
      { numRuns: 100 },
    );
  });
});
