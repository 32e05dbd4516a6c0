import { expect } from "chai";
import { endpointSlices, type EndpointSlice } from "./endpoint-slice.ts";
import { validateEndpointSlice } from "./validate-endpoint-slice.ts";
import { storedObject } from "../../testing/stored-object.ts";

const sliceOf = (fields: object): EndpointSlice => storedObject(endpointSlices, { addressType: "IPv4", ...fields });
const texts = (slice: EndpointSlice, old?: EndpointSlice) =>
  validateEndpointSlice(slice, old).map(({ path, message }) => `${path}: ${message}`);
const endpoints = [{ addresses: ["10.0.0.1"] }];

describe("the validation of an endpoint slice", () => {
  it("accepts addresses and ports, and none of either", () => {
    expect(texts(sliceOf({ endpoints, ports: [{ name: "http", port: 80 }, { port: 81 }] }))).to.deep.equal([]);
    expect(texts(sliceOf({ endpoints: [] }))).to.deep.equal([]);
  });

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "an address type that it does not know",
      { addressType: "IPX", endpoints: [] },
      ['addressType: Unsupported value: "IPX": supported values: "FQDN", "IPv4", "IPv6"'],
    ],
    [
      "addresses of another type, of the host, and none",
      { endpoints: [{ addresses: ["::2", "127.0.0.1"] }, { addresses: [] }] },
      [
        'endpoints[0].addresses[0]: Invalid value: "::2": must be a valid IPv4 address',
        'endpoints[0].addresses[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        "endpoints[1].addresses: Required value: must contain at least 1 address",
      ],
    ],
    [
      "two ports of one name",
      { endpoints, ports: [{ port: 80 }, { port: 81 }] },
      ['ports[1].name: Duplicate value: ""'],
    ],
    [
      "more endpoints than a slice holds",
      { endpoints: Array.from({ length: 1001 }, () => endpoints[0]) },
      ["endpoints: Too many: 1001: must have at most 1000 items"],
    ],
  ];
  for (const [title, fields, expected] of cases) {
    it(`refuses ${title}`, () => {
      expect(texts(sliceOf(fields))).to.deep.equal(expected);
    });
  }

  it("keeps the address type", () => {
    const errors = texts(sliceOf({ addressType: "IPv6", endpoints: [] }), sliceOf({ endpoints: [] }));
    expect(errors).to.deep.equal(['addressType: Invalid value: "IPv6": field is immutable']);
  });

  it("takes no topology but what a slice has had before", () => {
    const [endpoint] = endpoints;
    const slice = sliceOf({ endpoints: [{ ...endpoint, deprecatedTopology: { zone: "a" } }] });
    expect(endpointSlices.prepare?.(slice).endpoints).to.deep.equal(sliceOf({ endpoints }).endpoints);
    expect(endpointSlices.prepare?.(slice, slice).endpoints).to.equal(slice.endpoints);
  });
});
