import { expect } from "chai";
import { ingresses, type Ingress } from "./ingress.ts";
import { networkPolicies, type NetworkPolicy } from "./network-policy.ts";
import { ingressWarnings, networkPolicyWarnings } from "./networking-warnings.ts";
import { storedObject } from "../../testing/stored-object.ts";

const annotations = { "kubernetes.io/ingress.class": "a" };
const ingressOf = (spec: object) => storedObject<Ingress>(ingresses, { metadata: { annotations }, spec });
const policyOf = (cidr: string, ...except: string[]) =>
  storedObject<NetworkPolicy>(networkPolicies, { spec: { egress: [{ to: [{ ipBlock: { cidr, except } }] }] } });
const BLOCK = "spec.egress[0].to[0].ipBlock";

describe("clients are warned", () => {
  it("of an ingress that names its class in the old way alone", () => {
    expect(ingressWarnings(ingressOf({}))).to.deep.equal([
      "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead",
    ]);
    expect(ingressWarnings(ingressOf({ ingressClassName: "a" }))).to.deep.equal([]);
  });

  const ranges: readonly (readonly [NetworkPolicy, readonly string[]])[] = [
    [policyOf("10.0.0.0/8", "10.1.0.0/16"), []],
    [
      policyOf("10.0.0.0/8", "10.1.2.3/16"),
      [
        `${BLOCK}.except[0]: CIDR value "10.1.2.3/16" is ambiguous in this context (should be "10.1.0.0/16" or "10.1.2.3/32"?)`,
      ],
    ],
    [
      policyOf("2001:DB8::/32"),
      [`${BLOCK}.cidr: IPv6 CIDR value "2001:DB8::/32" should be in RFC 5952 canonical format ("2001:db8::/32")`],
    ],
    [
      policyOf("2001:db8::1/32"),
      [
        `${BLOCK}.cidr: CIDR value "2001:db8::1/32" is ambiguous in this context (should be "2001:db8::/32" or "2001:db8::1/128"?)`,
      ],
    ],
  ];
  for (const [policy, expected] of ranges) {
    it(`of ranges that are written in an unusual way: ${expected.length}, ${JSON.stringify(policy.spec.egress)}`, () => {
      expect(networkPolicyWarnings(policy)).to.deep.equal(expected);
    });
  }
});
