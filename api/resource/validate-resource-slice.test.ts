import { expect } from "chai";
import { resourceSlices, type ResourceSlice } from "./resource-slice.ts";
import { validateResourceSlice } from "./validate-resource-slice.ts";
import { storedObject } from "../../testing/stored-object.ts";

const sliceOf = (spec: object) =>
  storedObject<ResourceSlice>(resourceSlices, {
    spec: {
      ...{ driver: "gpu.example.com", nodeName: "node-1" },
      ...{ pool: { name: "node-1", generation: 1, resourceSliceCount: 1 } },
      ...spec,
    },
  });
const errorsOf = (spec: object, old?: object) =>
  validateResourceSlice(sliceOf(spec), old && sliceOf(old)).map(({ path, message }) => `${path}: ${message}`);
const term = { matchExpressions: [{ key: "a", operator: "Exists" }] };

describe("the validation of resource slices", () => {
  it("accepts devices with attributes and capacities", () => {
    const attributes = { model: { string: "a" }, "example.com/cores": { int: 4 }, v: { version: "1.2.3-rc.1+b" } };
    const devices = [{ name: "gpu-0", basic: { attributes, capacity: { memory: { value: "1Gi" } } } }];
    expect(errorsOf({ devices })).to.deep.equal([]);
  });

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "devices that are nowhere",
      { nodeName: undefined },
      ["spec: Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required"],
    ],
    [
      "devices that are on one node and on all",
      { allNodes: true, nodeSelector: { nodeSelectorTerms: [term, term] } },
      [
        `spec.nodeSelector.nodeSelectorTerms: Invalid value: ${JSON.stringify([term, term])}: must have exactly one node selector term`,
        'spec: Invalid value: "{`nodeName`, `nodeSelector`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required, but multiple fields are set',
      ],
    ],
    [
      "pools of nothing",
      { pool: { name: "a//b", generation: -1 } },
      [
        "spec.pool.name: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        "spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero",
        "spec.pool.generation: Invalid value: -1: must be greater than or equal to zero",
      ],
    ],
    [
      "two devices of one name, of which nothing is known",
      { devices: [{ name: "a" }, { name: "a" }] },
      [
        "spec.devices[0].basic: Required value",
        "spec.devices[1].basic: Required value",
        'spec.devices[1].name: Duplicate value: "a"',
      ],
    ],
    [
      "attributes without one value, or names",
      {
        devices: [
          {
            name: "a",
            basic: {
              attributes: { x: {}, y: { int: 1, bool: true }, z: { version: "1" }, "example.com/": { int: 1 } },
              capacity: { "1": { value: "1" } },
            },
          },
        ],
      },
      [
        "spec.devices[0].basic.attributes[x]: Required value: exactly one value must be specified",
        'spec.devices[0].basic.attributes[y]: Invalid value: {"int":1,"bool":true}: exactly one value must be specified',
        'spec.devices[0].basic.attributes[z].version: Invalid value: "1": must be a string compatible with semver.org spec 2.0.0',
        "spec.devices[0].basic.attributes[example.com/]: Required value: the name must not be empty",
        "spec.devices[0].basic.capacity[1]: Invalid value: \"1\": a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')",
      ],
    ],
  ];
  for (const [title, spec, expected] of cases) {
    it(`refuses ${title}`, () => {
      expect(errorsOf(spec)).to.deep.equal(expected);
    });
  }

  it("keeps the driver, the pool and the node", () => {
    expect(errorsOf({}, { driver: "b.example.com", nodeName: "node-2" })).to.deep.equal([
      'spec.driver: Invalid value: "gpu.example.com": field is immutable',
      'spec.nodeName: Invalid value: "node-1": field is immutable',
    ]);
  });

  it("can be selected by node and driver", () => {
    expect(resourceSlices.selectableFields?.(sliceOf({}))).to.deep.equal({
      "spec.nodeName": "node-1",
      "spec.driver": "gpu.example.com",
    });
  });
});
