import { expect } from "chai";
import { ingresses, type Ingress } from "./ingress.ts";
import { validateIngress } from "./validate-ingress.ts";
import { storedObject } from "../../testing/stored-object.ts";

const service = { name: "web", port: { number: 80 } };
const ingressOf = (spec: object, fields: object = {}): Ingress => storedObject(ingresses, { spec, ...fields });
const withPath = (path: object, host = "a.example"): object => ({ rules: [{ host, http: { paths: [path] } }] });
const texts = (ingress: Ingress, old?: Ingress) =>
  validateIngress(ingress, old).map(({ path, message }) => `${path}: ${message}`);
const PATH = "spec.rules[0].http.paths[0]";

describe("the validation of an ingress", () => {
  const valid: readonly (readonly [string, object])[] = [
    ["a default backend", { defaultBackend: { service } }],
    ["a backend that is no service", { defaultBackend: { resource: { apiGroup: "a.example", kind: "B", name: "c" } } }],
    ["a path", withPath({ path: "/a", pathType: "Prefix", backend: { service } })],
    ["no path, where the controller decides", withPath({ pathType: "ImplementationSpecific", backend: { service } })],
    ["hosts of one label more", withPath({ path: "/", pathType: "Exact", backend: { service } }, "*.a.example")],
    ["hosts without paths", { rules: [{ host: "a.example" }], tls: [{ hosts: ["a.example"], secretName: "s" }] }],
  ];
  for (const [title, spec] of valid) {
    it(`accepts ${title}`, () => {
      expect(texts(ingressOf(spec))).to.deep.equal([]);
    });
  }

  const invalid: readonly (readonly [string, object, readonly string[]])[] = [
    ["nothing", {}, ["spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"]],
    [
      "a path without type and backend",
      withPath({ path: "/" }),
      [`${PATH}.pathType: Required value: pathType must be specified`],
    ],
    [
      "a type that it does not know, with no backend",
      withPath({ path: "/", pathType: "Regex" }),
      [
        `${PATH}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
        `${PATH}.backend: Invalid value: "": resource or service backend is required`,
      ],
    ],
    [
      "paths that could mean others",
      withPath({ path: "a//b/%2f/..", pathType: "Prefix", backend: { service } }),
      [
        `${PATH}.path: Invalid value: "a//b/%2f/..": must be an absolute path`,
        `${PATH}.path: Invalid value: "a//b/%2f/..": must not contain '//'`,
        `${PATH}.path: Invalid value: "a//b/%2f/..": must not contain '%2f'`,
        `${PATH}.path: Invalid value: "a//b/%2f/..": cannot end with '/..'`,
      ],
    ],
    [
      "an address for a host",
      { rules: [{ host: "010.0.0.1" }] },
      ['spec.rules[0].host: Invalid value: "010.0.0.1": must be a DNS name, not an IP address'],
    ],
    ["a rule without paths", { rules: [{ http: {} }] }, ["spec.rules[0].http.paths: Required value"]],
    [
      "two backends in one",
      { defaultBackend: { service, resource: { kind: "B", name: "c" } } },
      ['spec.defaultBackend: Invalid value: "": cannot set both resource and service backends'],
    ],
    [
      "a service without name and port",
      { defaultBackend: { service: {} } },
      [
        "spec.defaultBackend.service.name: Required value",
        "spec.defaultBackend: Required value: port name or number is required",
      ],
    ],
    [
      "a port named twice",
      { defaultBackend: { service: { name: "web", port: { name: "http", number: 80 } } } },
      ['spec.defaultBackend: Invalid value: "": cannot set both port name & port number'],
    ],
    [
      "a port out of range",
      { defaultBackend: { service: { name: "web", port: { number: 70000 } } } },
      ["spec.defaultBackend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive"],
    ],
    [
      "a reference to nothing",
      { defaultBackend: { resource: { kind: "", name: "a/b" } } },
      [
        "spec.defaultBackend.resource.kind: Required value: kind is required",
        "spec.defaultBackend.resource.name: Invalid value: \"a/b\": may not contain '/'",
      ],
    ],
  ];
  for (const [title, spec, expected] of invalid) {
    it(`refuses ${title}`, () => {
      expect(texts(ingressOf(spec))).to.deep.equal(expected);
    });
  }

  it("refuses stars elsewhere than in front", () => {
    const [error = ""] = texts(ingressOf({ rules: [{ host: "a.*.example" }] }));
    expect(error).to.contain("a wildcard DNS-1123 subdomain must start with '*.'");
    expect(error).to.contain("(e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]");
  });

  it("refuses a class that differs from the annotation's, in new ingresses only", () => {
    const metadata = { annotations: { "kubernetes.io/ingress.class": "a" } };
    const ingress = ingressOf({ defaultBackend: { service }, ingressClassName: "b" }, { metadata });
    expect(texts(ingress)).to.deep.equal([
      'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
    ]);
    expect(texts(ingress, ingress)).to.deep.equal([]);
  });

  it("lets a bad name of a secret be that is there already", () => {
    const spec = { defaultBackend: { service }, tls: [{ secretName: "A" }] };
    expect(texts(ingressOf(spec))).to.have.length(1);
    expect(texts(ingressOf(spec), ingressOf(spec))).to.deep.equal([]);
  });

  it("looks at what its controller reports", () => {
    const status = { loadBalancer: { ingress: [{ ip: "1.2.3" }, { hostname: "1.2.3.4" }] } };
    expect(texts(ingressOf({ defaultBackend: { service } }, { status }))).to.deep.equal([
      'status.loadBalancer.ingress[0].ip: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
    ]);
  });
});
