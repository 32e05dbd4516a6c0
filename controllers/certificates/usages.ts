// What a certificate is good for, in the terms of X.509. Pure.

import type { KeyUsage } from "../../lib/x509.ts";

const KEY_USAGES: Readonly<Record<string, KeyUsage | undefined>> = {
  signing: "digitalSignature",
  "digital signature": "digitalSignature",
  "content commitment": "nonRepudiation",
  "key encipherment": "keyEncipherment",
  "key agreement": "keyAgreement",
  "data encipherment": "dataEncipherment",
  "cert sign": "keyCertSign",
  "crl sign": "cRLSign",
  "encipher only": "encipherOnly",
  "decipher only": "decipherOnly",
};

/** The identifiers of X.509, in the order in which they stand in a certificate. */
const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  any: "2.5.29.37.0",
  "server auth": "1.3.6.1.5.5.7.3.1",
  "client auth": "1.3.6.1.5.5.7.3.2",
  "code signing": "1.3.6.1.5.5.7.3.3",
  "email protection": "1.3.6.1.5.5.7.3.4",
  "s/mime": "1.3.6.1.5.5.7.3.4",
  "ipsec end system": "1.3.6.1.5.5.7.3.5",
  "ipsec tunnel": "1.3.6.1.5.5.7.3.6",
  "ipsec user": "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  "ocsp signing": "1.3.6.1.5.5.7.3.9",
  "microsoft sgc": "1.3.6.1.4.1.311.10.3.3",
  "netscape sgc": "2.16.840.1.113730.4.1",
};

export interface Usages {
  readonly usages: readonly KeyUsage[];
  readonly extendedUsages: readonly string[];
}

/** Each usage once; the API takes no other names than those known here. */
export function usagesOf(names: readonly string[]): Usages {
  const extended = Object.keys(EXTENDED_USAGES).filter((name) => names.includes(name));
  return {
    usages: [...new Set(names.flatMap((name) => KEY_USAGES[name] ?? []))],
    extendedUsages: [...new Set(extended.flatMap((name) => EXTENDED_USAGES[name] ?? []))],
  };
}
