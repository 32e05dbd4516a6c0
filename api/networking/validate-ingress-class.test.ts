import { expect } from "chai";
import { ingressClasses, type IngressClass } from "./ingress-class.ts";
import { validateIngressClass } from "./validate-ingress-class.ts";
import { storedObject } from "../../testing/stored-object.ts";

const controller = "example.com/ingress";
const classOf = (spec: object): IngressClass => storedObject(ingressClasses, { spec });
const texts = (ingressClass: IngressClass, old?: IngressClass) =>
  validateIngressClass(ingressClass, old).map(({ path, message }) => `${path}: ${message}`);

describe("the validation of an ingress class", () => {
  const valid: readonly (readonly [string, object])[] = [
    ["a controller", { controller }],
    ["parameters of the cluster", { controller, parameters: { kind: "A", name: "b" } }],
    [
      "parameters of a namespace",
      { controller, parameters: { apiGroup: "a.example", kind: "A", name: "b", scope: "Namespace", namespace: "c" } },
    ],
  ];
  for (const [title, spec] of valid) {
    it(`accepts ${title}`, () => {
      expect(texts(classOf(spec))).to.deep.equal([]);
    });
  }

  const P = "spec.parameters";
  const invalid: readonly (readonly [string, object, readonly string[]])[] = [
    ["no controller", {}, ["spec.controller: Required value"]],
    [
      "a controller without a domain",
      { controller: "/ingress" },
      ['spec.controller: Invalid value: "/ingress": must be a domain-prefixed path (such as "acme.io/foo")'],
    ],
    [
      "a controller with blanks",
      { controller: "example.com/a b" },
      [
        "spec.controller: Invalid value: \"a b\": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')",
      ],
    ],
    [
      "a controller of too many letters",
      { controller: `example.com/${"a".repeat(250)}` },
      ["spec.controller: Too long: may not be more than 250 bytes"],
    ],
    [
      "parameters without a name",
      { controller, parameters: {} },
      [`${P}.kind: Required value: kind is required`, `${P}.name: Required value: name is required`],
    ],
    [
      "parameters of an unknown scope",
      { controller, parameters: { kind: "A", name: "b", scope: "World" } },
      [`${P}.scope: Unsupported value: "World": supported values: "Cluster", "Namespace"`],
    ],
    [
      "parameters of no namespace",
      { controller, parameters: { kind: "A", name: "b", scope: "Namespace" } },
      [`${P}.namespace: Required value: \`parameters.scope\` is set to 'Namespace'`],
    ],
    [
      "parameters of the cluster in a namespace",
      { controller, parameters: { kind: "A", name: "b", namespace: "c" } },
      [`${P}.namespace: Forbidden: \`parameters.scope\` is set to 'Cluster'`],
    ],
  ];
  for (const [title, spec, expected] of invalid) {
    it(`refuses ${title}`, () => {
      expect(texts(classOf(spec))).to.deep.equal(expected);
    });
  }

  it("keeps the controller", () => {
    expect(texts(classOf({ controller: "example.com/b" }), classOf({ controller }))).to.deep.equal([
      'spec.controller: Invalid value: "example.com/b": field is immutable',
    ]);
  });
});
