import { expect } from "chai";
import { services, type Service } from "./service.ts";
import { validateService } from "./validate-service.ts";
import { storedObject } from "../../testing/stored-object.ts";
import type { FieldError } from "../schema/field-error.ts";

const port = { port: 80 };
const serviceOf = (spec: object, metadata: object = {}): Service => storedObject(services, { metadata, spec });
const texts = (errors: readonly FieldError[]) => errors.map(({ path, message }) => `${path}: ${message}`);

describe("the validation of a service", () => {
  const valid: readonly (readonly [string, object])[] = [
    ["an address and a port", { ports: [port] }],
    ["no port where it is headless", { clusterIP: "None", clusterIPs: ["None"] }],
    ["a name outside", { type: "ExternalName", externalName: "db.example.com." }],
    [
      "two protocols on one port",
      {
        ports: [
          { ...port, name: "a" },
          { ...port, name: "b", protocol: "UDP" },
        ],
      },
    ],
    ["session affinity", { ports: [port], sessionAffinity: "ClientIP" }],
    ["a load balancer", { ports: [port], type: "LoadBalancer", externalTrafficPolicy: "Local" }],
  ];
  for (const [title, spec] of valid) {
    it(`accepts ${title}`, () => {
      expect(texts(validateService(serviceOf(spec)))).to.deep.equal([]);
    });
  }

  const invalid: readonly (readonly [string, object, readonly string[]])[] = [
    ["no port", {}, ["spec.ports: Required value"]],
    [
      "several ports without names",
      { ports: [port, { port: 81 }] },
      ["spec.ports[0].name: Required value", "spec.ports[1].name: Required value"],
    ],
    [
      "ports that clash",
      {
        ports: [
          { ...port, name: "a" },
          { ...port, name: "a" },
        ],
      },
      ['spec.ports[1].name: Duplicate value: "a"', 'spec.ports[1]: Duplicate value: {"protocol":"TCP","port":80}'],
    ],
    [
      "a node's port without a use",
      { ports: [{ ...port, nodePort: 30000 }] },
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      "a headless service on the nodes",
      { type: "NodePort", ports: [port], clusterIP: "None", clusterIPs: ["None"] },
      ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"],
    ],
    ["a name outside that is missing", { type: "ExternalName" }, ["spec.externalName: Required value"]],
    [
      "an address for a name outside",
      { type: "ExternalName", externalName: "a", clusterIPs: ["10.0.0.1"] },
      ["spec.clusterIPs: Forbidden: may not be set for ExternalName services"],
    ],
    [
      "addresses that disagree",
      { ports: [port], clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.2"] },
      ['spec.clusterIPs: Invalid value: ["10.0.0.2"]: first value must match `clusterIP`'],
    ],
    [
      "external addresses of the host itself",
      { ports: [port], externalIPs: ["127.0.0.1"] },
      ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    ],
    [
      "a policy for traffic that never comes",
      { ports: [port], externalTrafficPolicy: "Local" },
      ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
    ],
  ];
  for (const [title, spec, expected] of invalid) {
    it(`refuses ${title}`, () => {
      expect(texts(validateService(serviceOf(spec)))).to.deep.equal(expected);
    });
  }

  it("wants names that begin with a letter", () => {
    const [error] = texts(validateService(serviceOf({ ports: [port] }, { name: "1web" })));
    expect(error).to.match(/^metadata.name: Invalid value: "1web": a DNS-1035 label must consist of/);
  });

  it("keeps the address that clients know", () => {
    const old = serviceOf({ ports: [port], clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"] });
    const next = serviceOf({ ports: [port], clusterIP: "10.0.0.2", clusterIPs: ["10.0.0.2"] });
    expect(texts(validateService(next, old))).to.deep.equal([
      'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
    ]);
  });
});
