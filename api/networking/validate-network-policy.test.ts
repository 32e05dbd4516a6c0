import { expect } from "chai";
import { networkPolicies, type NetworkPolicy } from "./network-policy.ts";
import { validateNetworkPolicy } from "./validate-network-policy.ts";
import { storedObject } from "../../testing/stored-object.ts";

const policyOf = (spec: object): NetworkPolicy => storedObject(networkPolicies, { spec });
const texts = (policy: NetworkPolicy) =>
  validateNetworkPolicy(policy).map(({ path, message }) => `${path}: ${message}`);
const port = (fields: object) => ({ ingress: [{ ports: [fields] }] });
const peer = (fields: object) => ({ egress: [{ to: [fields] }] });

describe("a network policy", () => {
  it("is about ingress, and about egress too where it has rules for it", () => {
    expect(policyOf({}).spec).to.deep.equal({ podSelector: {}, policyTypes: ["Ingress"] });
    expect(policyOf({ egress: [{}] }).spec.policyTypes).to.deep.equal(["Ingress", "Egress"]);
    expect(policyOf({ egress: [], policyTypes: ["Egress"] }).spec.policyTypes).to.deep.equal(["Egress"]);
  });

  it("means TCP unless it says otherwise", () => {
    expect(policyOf(port({ port: 80 })).spec.ingress?.[0]?.ports?.[0]?.protocol).to.equal("TCP");
  });

  const valid: readonly (readonly [string, object])[] = [
    ["no rules", {}],
    ["a range of ports", port({ port: 80, endPort: 90 })],
    ["pods of other namespaces", peer({ podSelector: {}, namespaceSelector: {} })],
    ["addresses without some", peer({ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } })],
    ["everything", { ingress: [{}], egress: [{}] }],
  ];
  for (const [title, spec] of valid) {
    it(`may have ${title}`, () => {
      expect(texts(policyOf(spec))).to.deep.equal([]);
    });
  }

  const PORT = "spec.ingress[0].ports[0]";
  const PEER = "spec.egress[0].to[0]";
  const invalid: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "ports out of range",
      port({ port: 0, endPort: 70000 }),
      [
        `${PORT}.port: Invalid value: 0: must be between 1 and 65535, inclusive`,
        `${PORT}.endPort: Invalid value: 70000: must be between 1 and 65535, inclusive`,
      ],
    ],
    [
      "a range that ends before it begins",
      port({ port: 80, endPort: 79 }),
      [`${PORT}.endPort: Invalid value: 80: must be greater than or equal to \`port\``],
    ],
    [
      "a range that begins nowhere",
      port({ endPort: 79 }),
      [`${PORT}.endPort: Invalid value: 79: may not be specified when \`port\` is not specified`],
    ],
    [
      "a range that begins with a name",
      port({ port: "http", endPort: 79 }),
      [`${PORT}.endPort: Invalid value: 79: may not be specified when \`port\` is non-numeric`],
    ],
    ["a peer that is nobody", peer({}), [`${PEER}: Required value: must specify a peer`]],
    [
      "pods and addresses in one peer",
      peer({ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }),
      [`${PEER}: Forbidden: may not specify both ipBlock and another peer`],
    ],
    ["no addresses", peer({ ipBlock: {} }), [`${PEER}.ipBlock.cidr: Required value`]],
    [
      "addresses that are none",
      peer({ ipBlock: { cidr: "10.0.0.0" } }),
      [
        `${PEER}.ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
      ],
    ],
    [
      "exceptions from elsewhere",
      peer({ ipBlock: { cidr: "10.0.0.0/8", except: ["10.0.0.0/8", "11.0.0.0/16"] } }),
      [
        `${PEER}.ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of \`cidr\`: 10.0.0.0/8`,
        `${PEER}.ipBlock.except[1]: Invalid value: "11.0.0.0/16": must be a strict subset of \`cidr\`: 10.0.0.0/8`,
      ],
    ],
    [
      "more directions than there are",
      { policyTypes: ["Ingress", "Egress", "Ingress"] },
      ['spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes'],
    ],
  ];
  for (const [title, spec, expected] of invalid) {
    it(`may not have ${title}`, () => {
      expect(texts(policyOf(spec))).to.deep.equal(expected);
    });
  }
});
