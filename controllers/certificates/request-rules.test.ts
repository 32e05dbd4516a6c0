import { expect } from "chai";
import { requestProblem } from "./request-rules.ts";
import type { RequestedCertificate } from "../../lib/certificate-request.ts";

const NODE = { organization: ["system:nodes"], commonName: ["system:node:n"] };
const NONE = { dns: [], emails: [], addresses: [], uris: [] };
const CLIENT = ["digital signature", "key encipherment", "client auth"];
const SERVING = ["digital signature", "key encipherment", "server auth"];
const ADDRESS = { addresses: ["10.0.0.1"] };

interface Asked {
  readonly subject?: RequestedCertificate["subject"];
  readonly names?: Partial<RequestedCertificate["names"]>;
  readonly usages?: readonly string[];
}

const problem = (signer: string, { subject = NODE, names, usages }: Asked) =>
  requestProblem({ signerName: `kubernetes.io/${signer}`, usages, request: "" } as never, {
    publicKey: Buffer.alloc(0),
    subject,
    names: { ...NONE, ...names },
  });

describe("what signers ask of a request", () => {
  const TABLE: readonly [signer: string, title: string, asked: Asked, expected: string | undefined][] = [
    ["kube-apiserver-client", "is that clients use it", { subject: {}, usages: ["client auth"] }, undefined],
    ["kube-apiserver-client", "allows what TLS needs", { usages: CLIENT }, undefined],
    [
      "kube-apiserver-client",
      "is that it is for clients",
      { usages: ["digital signature"] },
      "missing required usage for client certificate: client auth",
    ],
    [
      "kube-apiserver-client",
      "is that it is for nothing else",
      { usages: ["client auth", "cert sign"] },
      "invalid usage for client certificate: cert sign",
    ],
    ["kube-apiserver-client-kubelet", "is a node's name", { usages: CLIENT }, undefined],
    ["kube-apiserver-client-kubelet", "takes keys without encipherment", { usages: CLIENT.toSpliced(1, 1) }, undefined],
    [
      "kube-apiserver-client-kubelet",
      "is the group of nodes",
      { subject: { ...NODE, organization: [] }, usages: CLIENT },
      "subject organization is not system:nodes",
    ],
    [
      "kube-apiserver-client-kubelet",
      "is no other group besides",
      { subject: { ...NODE, organization: ["system:nodes", "system:masters"] }, usages: CLIENT },
      "subject organization is not system:nodes",
    ],
    [
      "kube-apiserver-client-kubelet",
      "is no other name",
      { subject: { ...NODE, commonName: ["admin"] }, usages: CLIENT },
      "subject common name does not begin with system:node:",
    ],
    [
      "kube-apiserver-client-kubelet",
      "is a name",
      { subject: { organization: ["system:nodes"] }, usages: CLIENT },
      "subject common name does not begin with system:node:",
    ],
    ...(
      [
        ["dns", "DNS"],
        ["emails", "Email"],
        ["addresses", "IP"],
        ["uris", "URI"],
      ] as const
    ).map(([field, word]): [string, string, Asked, string] => [
      "kube-apiserver-client-kubelet",
      `is nothing else: ${field}`,
      { names: { [field]: ["x"] }, usages: CLIENT },
      `${word} subjectAltNames are not allowed`,
    ]),
    [
      "kube-apiserver-client-kubelet",
      "is the use by clients alone",
      { usages: [...CLIENT, "server auth"] },
      "usages did not match [client auth digital signature key encipherment]",
    ],
    ["kubelet-serving", "is an address", { names: ADDRESS, usages: SERVING }, undefined],
    ["kubelet-serving", "or a name", { names: { dns: ["n"] }, usages: SERVING.toSpliced(1, 1) }, undefined],
    ["kubelet-serving", "is not nothing", { usages: SERVING }, "DNS or IP subjectAltName is required"],
    [
      "kubelet-serving",
      "is no mail",
      { names: { ...ADDRESS, emails: ["a@b"] }, usages: SERVING },
      "Email subjectAltNames are not allowed",
    ],
    [
      "kubelet-serving",
      "is no link",
      { names: { ...ADDRESS, uris: ["a:b"] }, usages: SERVING },
      "URI subjectAltNames are not allowed",
    ],
    [
      "kubelet-serving",
      "is the use by servers",
      { names: ADDRESS, usages: CLIENT },
      "usages did not match [digital signature key encipherment server auth]",
    ],
    [
      "kubelet-serving",
      "is that it is a node's",
      { subject: { ...NODE, commonName: ["kubernetes"] }, names: ADDRESS, usages: SERVING },
      "subject common name does not begin with system:node:",
    ],
    ["legacy-unknown", "is nothing", { subject: {}, usages: ["cert sign"] }, undefined],
  ];
  for (const [signer, title, asked, expected] of TABLE) {
    it(`${signer}: ${title}`, () => expect(problem(signer, asked)).to.equal(expected));
  }
});
