import { expect } from "chai";
import { createSigningKey } from "../../lib/jwt.ts";
import { readServiceAccountKeys } from "./service-account-keys.ts";

const issuers = ["https://kubernetes.default.svc"];
const signingKey = { source: "sa.key", pem: createSigningKey() };
const old = { source: "old.key", pem: createSigningKey() };

describe("the keys of service account tokens", () => {
  it("are the signing key and those from before it, each once", () => {
    const keys = readServiceAccountKeys({ signingKey, keys: [old, signingKey], issuers });
    expect(keys.verificationKeys).to.have.length(2);
    expect(keys.verificationKeys[0]?.id).to.equal(keys.signingKey?.verification.id);
    expect(keys).not.to.have.any.keys("apiAudiences", "jwksUri");
  });

  it("are refused by the name of their file", () => {
    const broken = { source: "broken.key", pem: "x" };
    expect(() => readServiceAccountKeys({ signingKey: broken, issuers })).to.throw(
      "broken.key cannot be used for service account tokens: there is no private key that can be read without a password.",
    );
    expect(() => readServiceAccountKeys({ signingKey, keys: [broken], issuers })).to.throw(
      "broken.key cannot be used for service account tokens: there is no public or private key.",
    );
  });

  it("need an issuer that is a URL, where it looks like one", () => {
    expect(() => readServiceAccountKeys({ signingKey, issuers: ["https://[x"] })).to.throw('"https://[x" is no URL');
  });
});
