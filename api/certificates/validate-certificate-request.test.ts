import { expect } from "chai";
import { prepareApproval, prepareRequest, prepareRequestStatus, requestedBy } from "./certificate-request-strategy.ts";
import { certificateSigningRequests, type CertificateSigningRequest } from "./certificate-signing-request.ts";
import { validateApproval, validateCertificateRequest } from "./validate-certificate-request.ts";
import { CERTIFICATE, EC_REQUEST } from "../../testing/certificate-requests.ts";
import { storedObject } from "../../testing/stored-object.ts";
import type { FieldError } from "../schema/field-error.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const SPEC = {
  request: base64(EC_REQUEST),
  usages: ["client auth"],
  signerName: "kubernetes.io/kube-apiserver-client",
};
const requestOf = (spec: object = {}, status: object = {}): CertificateSigningRequest =>
  storedObject(certificateSigningRequests, { spec: { ...SPEC, ...spec }, status });
const render = (errors: readonly FieldError[]) => errors.map(({ path, message }) => `${path}: ${message}`);
const approved = { type: "Approved", status: "True" };
const denied = { type: "Denied", status: "True" };
const withConditions = (...conditions: object[]) => requestOf({}, { conditions });

describe("the validation of a certificate request", () => {
  it("accepts a request with usages and a signer, under any name", () => {
    const named = { ...requestOf(), metadata: { ...requestOf().metadata, name: "Jane's request" } };
    expect(render(validateCertificateRequest(named))).to.deep.equal([]);
  });

  const invalid: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "nothing",
      { request: undefined, usages: undefined, signerName: undefined },
      [
        'spec.request: Invalid value: "": PEM block type must be CERTIFICATE REQUEST',
        "spec.usages: Required value",
        "spec.signerName: Required value",
      ],
    ],
    ["a usage twice", { usages: ["client auth", "client auth"] }, ['spec.usages[1]: Duplicate value: "client auth"']],
    [
      "a certificate of a moment",
      { expirationSeconds: 599 },
      ["spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)"],
    ],
    [
      "a signer of the beta API",
      { signerName: "kubernetes.io/legacy-unknown" },
      [
        'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
      ],
    ],
    [
      "a signer without a path",
      { signerName: "example.com" },
      [
        "spec.signerName: Invalid value: \"example.com\": must be a fully qualified domain and path of the form 'example.com/signer-name'",
      ],
    ],
    [
      "a signer of no domain",
      { signerName: "example/a" },
      ['spec.signerName: Invalid value: "example": should be a domain with at least two segments separated by dots'],
    ],
  ];
  for (const [title, spec, expected] of invalid) {
    it(`refuses ${title}`, () => {
      expect(render(validateCertificateRequest(requestOf(spec)))).to.deep.equal(expected);
    });
  }

  it("refuses signers whose labels are none", () => {
    const [domainError = "", pathError = ""] = render(
      validateCertificateRequest(requestOf({ signerName: "A.example/B" })),
    );
    expect(domainError).to.contain(
      'spec.signerName: Invalid value: "A.example": validating label "A": a lowercase RFC',
    );
    expect(pathError).to.contain('spec.signerName: Invalid value: "B": validating label "B": a lowercase RFC');
  });

  it("refuses conditions that contradict, repeat or say nothing", () => {
    const request = withConditions(
      approved,
      { ...denied, status: "False" },
      approved,
      { type: "Other" },
      { status: "No" },
    );
    expect(render(validateCertificateRequest(request))).to.deep.equal([
      'status.conditions[1].status: Unsupported value: "False": supported values: "True"',
      'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
      'status.conditions[2].type: Invalid value: "Approved": Approved and Denied conditions are mutually exclusive',
      'status.conditions[2].type: Duplicate value: "Approved"',
      "status.conditions[3].status: Required value",
      "status.conditions[4].type: Required value",
      'status.conditions[4].status: Unsupported value: "No": supported values: "False", "True", "Unknown"',
    ]);
  });

  const certificates: readonly (readonly [string, string, readonly string[]])[] = [
    ["a certificate", CERTIFICATE, []],
    ["no PEM", "hello", ["must contain at least one CERTIFICATE PEM block"]],
    ["a request", EC_REQUEST, ['only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"']],
    ["headers", CERTIFICATE.replace("-----\n", "-----\nA: b\n\n"), ["no PEM block headers are permitted"]],
    ["what is none", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", ["x509: malformed certificate"]],
  ];
  for (const [title, text, problems] of certificates) {
    it(`looks at what is issued: ${title}`, () => {
      const request = requestOf({}, { certificate: base64(text) });
      expect(render(validateCertificateRequest(request))).to.deep.equal(
        problems.map((problem) => `status.certificate: Invalid value: "<certificate data>": ${problem}`),
      );
    });
  }
});

describe("a certificate request that is written", () => {
  const NOW = "2026-01-01T00:00:00Z";

  it("says what the server knows of who asks, and nothing that the client says", () => {
    const sent = requestOf(
      { username: "root", uid: "0", groups: ["system:masters"], extra: { a: ["b"] } },
      withStatus(),
    );
    const created = prepareRequest(sent);
    expect(created.spec).to.deep.equal(requestOf().spec);
    expect(created.status).to.deep.equal({});
    const requester = { username: "jane", groups: ["developers"], extra: { scopes: ["a"] } };
    expect(requestedBy(created, requester).spec).to.deep.equal({ ...created.spec, ...requester });
  });

  it("keeps its spec and its status", () => {
    const old = withConditions(approved);
    const updated = prepareRequest(requestOf({ usages: ["server auth"] }), old);
    expect(updated.spec).to.equal(old.spec);
    expect(updated.status).to.equal(old.status);
  });

  it("is approved through its own subresource only", () => {
    const old = requestOf();
    const byStatus = prepareRequestStatus(withConditions(approved), old, NOW);
    expect(render(validateCertificateRequest(byStatus, old))).to.deep.equal([
      'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
    ]);
    const byApproval = prepareApproval(requestOf({ usages: ["any"] }, withStatus()), old, NOW);
    expect(render(validateApproval(byApproval, old))).to.deep.equal([]);
    expect(byApproval.spec).to.equal(old.spec);
    expect(byApproval.status).to.deep.equal({
      conditions: [{ ...approved, lastUpdateTime: NOW, lastTransitionTime: NOW }],
    });
  });

  it("keeps decisions as they were, and when they were made", () => {
    const before = "2025-01-01T00:00:00Z";
    const old = withConditions({ ...approved, reason: "A", lastUpdateTime: before, lastTransitionTime: before });
    const sent = withConditions({ type: "Failed", status: "True" }, { ...approved, reason: "B" });
    expect(prepareRequestStatus(sent, old, NOW).status.conditions).to.deep.equal([
      { type: "Failed", status: "True", lastUpdateTime: NOW, lastTransitionTime: NOW },
      old.status.conditions?.[0],
    ]);
    expect(prepareApproval(withConditions({ ...approved, reason: "B" }), old, NOW).status.conditions).to.deep.equal([
      { ...approved, reason: "B", lastUpdateTime: NOW, lastTransitionTime: before },
    ]);
  });

  it("loses neither a decision nor a certificate", () => {
    const old = requestOf({}, { conditions: [denied], certificate: base64(CERTIFICATE) });
    const next = requestOf({}, { certificate: base64(CERTIFICATE + CERTIFICATE) });
    expect(render(validateApproval(next, old))).to.deep.equal([
      'status.conditions: Forbidden: updates may not remove a condition of type "Denied"',
      "status.certificate: Forbidden: updates may not modify existing certificate content",
    ]);
  });

  function withStatus() {
    return { conditions: [approved], certificate: base64(CERTIFICATE) };
  }
});

describe("the state of a certificate request in a table", () => {
  const stateOf = (status: object) =>
    certificateSigningRequests.columns.find(({ name }) => name === "Condition")?.cell(requestOf({}, status), 0);

  it("is its decision, and what came after", () => {
    expect(stateOf({})).to.equal("Pending");
    expect(stateOf({ conditions: [approved], certificate: "YQ==" })).to.equal("Approved,Issued");
    expect(stateOf({ conditions: [approved, { type: "Failed", status: "True" }] })).to.equal("Approved,Failed");
    expect(stateOf({ conditions: [denied] })).to.equal("Denied");
  });
});
