import { expect } from "chai";
import { CERTIFICATE, EC_REQUEST } from "../testing/certificate-requests.ts";
import { pemBlocks } from "./pem.ts";

describe("PEM blocks", () => {
  it("are found among other text", () => {
    expect(pemBlocks(`a\n${CERTIFICATE}b\n${EC_REQUEST}`).map(({ label }) => label)).to.deep.equal([
      "CERTIFICATE",
      "CERTIFICATE REQUEST",
    ]);
  });

  it("may have headers", () => {
    const [block] = pemBlocks("-----BEGIN A-----\nX: y\n\nAAAA\n-----END A-----");
    expect(block).to.deep.include({ label: "A", hasHeaders: true });
    expect(block?.der).to.have.length(3);
  });

  it("are passed over where their data is none", () => {
    expect(pemBlocks("-----BEGIN A-----\n???\n-----END A-----")).to.deep.equal([]);
  });
});
