// What clients are warned of in ingresses and network policies: what is valid, but out of date or ambiguous.

import type { Ingress } from "./ingress.ts";
import type { NetworkPolicy, NetworkPolicyPeer } from "./network-policy.ts";
import { canonicalIp, ipText, parseIpRange } from "../meta/ip-range.ts";

const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

export function ingressWarnings({ metadata, spec }: Ingress): readonly string[] {
  const isOld = metadata.annotations?.[CLASS_ANNOTATION] !== undefined && spec.ingressClassName === undefined;
  return isOld ? [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`] : [];
}

export function networkPolicyWarnings({ spec }: NetworkPolicy): readonly string[] {
  return [
    ...(spec.ingress ?? []).flatMap(({ from }, index) => peerWarnings(from, `spec.ingress[${index}].from`)),
    ...(spec.egress ?? []).flatMap(({ to }, index) => peerWarnings(to, `spec.egress[${index}].to`)),
  ];
}

function peerWarnings(peers: readonly NetworkPolicyPeer[] | undefined, path: string): readonly string[] {
  return (peers ?? []).flatMap(({ ipBlock }, index) => {
    const at = `${path}[${index}].ipBlock`;
    const { cidr = "", except = [] } = ipBlock ?? {};
    return [
      ...cidrWarnings(cidr, `${at}.cidr`),
      ...except.flatMap((each, exceptIndex) => cidrWarnings(each, `${at}.except[${exceptIndex}]`)),
    ];
  });
}

/** A range should be named by its first address, in the usual form. */
function cidrWarnings(cidr: string, path: string): readonly string[] {
  const range = parseIpRange(cidr);
  if (!range) return [];
  const [ip = ""] = cidr.split("/");
  const { family, address, first, prefixLength } = range;
  if (address !== first) {
    const whole = `${ipText(first, family)}/${prefixLength}`;
    const single = `${canonicalIp(ip)}/${family === "IPv4" ? 32 : 128}`;
    return [`${path}: CIDR value "${cidr}" is ambiguous in this context (should be "${whole}" or "${single}"?)`];
  }
  const canonical = `${canonicalIp(ip)}/${prefixLength}`;
  return canonical === cidr
    ? []
    : [`${path}: IPv6 CIDR value "${cidr}" should be in RFC 5952 canonical format ("${canonical}")`];
}
