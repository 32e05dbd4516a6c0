import { expect } from "chai";
import {
  certificateSigningRequests,
  type CertificateSigningRequest,
} from "../../api/certificates/certificate-signing-request.ts";
import { asStored } from "../../testing/builders.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { EC_REQUEST } from "../../testing/certificate-requests.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { createAuthority } from "../../lib/x509.ts";
import { seededRandom } from "../../lib/random.ts";
import { certificateCleanerController, removalMs } from "./cleaner.ts";

const CREATED = "2026-01-01T00:00:00Z";
const DECIDED = "2026-01-01T05:00:00Z";
const HOUR_MS = 3_600_000;
const createdMs = Date.parse(CREATED);
const decidedMs = Date.parse(DECIDED);

const requestOf = (status: CertificateSigningRequest["status"]): CertificateSigningRequest =>
  asStored({ metadata: { name: "r", creationTimestamp: CREATED }, status });
const condition = (type: string, lastUpdateTime: string | undefined = DECIDED) => ({
  type,
  status: "True" as const,
  lastUpdateTime,
});

describe("a certificate request is needed", () => {
  const TABLE: readonly [string, CertificateSigningRequest["status"], number | undefined][] = [
    ["for a day where nobody decides", {}, createdMs + 24 * HOUR_MS],
    ["for an hour after it is approved", { conditions: [condition("Approved")] }, decidedMs + HOUR_MS],
    ["for an hour after it is denied", { conditions: [condition("Denied")] }, decidedMs + HOUR_MS],
    ["for an hour after it has failed", { conditions: [condition("Failed")] }, decidedMs + HOUR_MS],
    ["for ever where it is decided otherwise", { conditions: [condition("Seen")] }, undefined],
    [
      "for an hour, whatever was written as its certificate",
      { conditions: [condition("Approved")], certificate: "bm90aGluZw==" },
      decidedMs + HOUR_MS,
    ],
  ];
  for (const [title, status, expected] of TABLE) {
    it(title, () => expect(removalMs(requestOf(status))).to.equal(expected));
  }

  it("no longer than its certificate is good for", async () => {
    const notAfterMs = decidedMs + 60_000;
    const { cert } = await createAuthority({
      commonName: "x",
      notBeforeMs: createdMs,
      notAfterMs,
      random: seededRandom(1),
    });
    const certificate = Buffer.from(cert).toString("base64");
    expect(removalMs(requestOf({ conditions: [condition("Approved")], certificate }))).to.equal(notAfterMs);
  });
});

describe("the cleaner of certificate requests", () => {
  it("removes what nobody has decided for a day, and leaves the rest", async () => {
    const cluster = await TestCluster.start({ controllers: [certificateCleanerController] });
    const request = (name: string): NewObject<CertificateSigningRequest> => ({
      apiVersion: "certificates.k8s.io/v1",
      kind: "CertificateSigningRequest",
      metadata: { name },
      spec: {
        request: Buffer.from(EC_REQUEST).toString("base64"),
        signerName: "example.com/signer",
        usages: ["client auth"],
      },
    });
    const names = async () => (await cluster.list(certificateSigningRequests)).map(({ metadata }) => metadata.name);
    await cluster.apply(request("old"));
    await cluster.step(12 * HOUR_MS);
    await cluster.apply(request("young"));
    await cluster.step(12 * HOUR_MS - 60_000);
    expect(await names()).to.deep.equal(["old", "young"]);
    await cluster.step(120_000);
    expect(await names()).to.deep.equal(["young"]);
    await cluster.stop();
  });
});
