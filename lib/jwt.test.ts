import { createHmac, generateKeyPairSync } from "node:crypto";
import { expect } from "chai";
import { parseJwt, readSigningKey, readVerificationKeys, renderKeySet } from "./jwt.ts";

const pem = { type: "pkcs8", format: "pem" } as const;
const ecKey = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve }).privateKey.export(pem).toString();
const rsaKey = (modulusLength: number) =>
  generateKeyPairSync("rsa", { modulusLength }).privateKey.export(pem).toString();
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

const p256 = ecKey("P-256");
const keys: readonly [title: string, pem: string, algorithm: string][] = [
  ["P-256", p256, "ES256"],
  ["P-384", ecKey("P-384"), "ES384"],
  ["P-521", ecKey("P-521"), "ES512"],
  ["RSA", rsaKey(2048), "RS256"],
];

describe("JSON web tokens", () => {
  for (const [title, text, algorithm] of keys) {
    it(`are signed and checked with keys of ${title}`, () => {
      const key = readSigningKey(text);
      const token = parseJwt(key.sign({ sub: "me", n: 1 }));
      expect(token?.header).to.deep.equal({ alg: algorithm, kid: key.verification.id });
      expect(token?.claims).to.deep.equal({ sub: "me", n: 1 });
      const [verification] = readVerificationKeys(text);
      expect(verification?.id).to.equal(key.verification.id);
      expect(verification && token?.isSignedBy(verification)).to.equal(true);
    });
  }

  const key = readSigningKey(p256);
  const { verification } = key;
  const spki = verification.key.export({ type: "spki", format: "pem" });
  const claims = part({ sub: "me" });
  const [header = "", , signature = ""] = key.sign({ sub: "me" }).split(".");
  const hmac = (secret: string | Buffer) => {
    const content = `${part({ alg: "HS256", kid: verification.id })}.${claims}`;
    return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
  };
  const attacks: readonly [title: string, token: string][] = [
    ["claims no algorithm", `${part({ alg: "none" })}.${claims}.`],
    ["claims no algorithm, with a signature", `${part({ alg: "none" })}.${claims}.${signature}`],
    ["claims no algorithm in other letters", `${part({ alg: "NoNe" })}.${claims}.`],
    ["takes the public key's PEM for a secret", hmac(spki)],
    ["takes the public key's DER for a secret", hmac(verification.key.export({ type: "spki", format: "der" }))],
    ["claims another key's algorithm", `${part({ alg: "RS256" })}.${claims}.${signature}`],
    ["has no signature", `${header}.${claims}.`],
    ["has other claims than were signed", `${header}.${part({ sub: "admin" })}.${signature}`],
    ["is signed by another key", readSigningKey(ecKey("P-256")).sign({ sub: "me" })],
    ["demands an extension", `${part({ alg: "ES256", crit: ["b64"] })}.${claims}.${signature}`],
  ];
  for (const [title, token] of attacks) {
    it(`are not believed when one ${title}`, () => {
      expect(parseJwt(token)?.isSignedBy(verification)).to.equal(false);
    });
  }

  for (const text of [
    "",
    "a",
    "a.b",
    "..",
    "e30.e30",
    "e30.e30.e30.e30",
    "e30.W10.",
    "bnVsbA.e30.",
    "e3 0.e30.",
    "e30.{}.",
  ]) {
    it(`are not made of ${JSON.stringify(text)}`, () => {
      expect(parseJwt(text)).to.equal(undefined);
    });
  }

  it("are not read beyond what any token needs", () => {
    expect(parseJwt(key.sign({ text: "x".repeat(20_000) }))).to.equal(undefined);
  });

  it("are checked with every key of a file", () => {
    const publicPem = verification.key.export({ type: "spki", format: "pem" }).toString();
    const text = keys.map(([, each]) => each).join("") + publicPem;
    expect(readVerificationKeys(text).map(({ algorithm }) => algorithm)).to.deep.equal([
      ...keys.map(([, , algorithm]) => algorithm),
      "ES256",
    ]);
  });

  it("need keys that are strong enough and can be read", () => {
    expect(() => readSigningKey("nonsense")).to.throw("there is no private key");
    expect(() => readVerificationKeys("nonsense")).to.throw("there is no public or private key");
    expect(() => readSigningKey(rsaKey(1024))).to.throw("RSA keys need at least 2048 bits");
    expect(() => readVerificationKeys(ecKey("secp256k1"))).to.throw("keys must be RSA, or ECDSA");
  });

  it("can be checked by others with the published keys", () => {
    const [published] = renderKeySet([verification]).keys;
    expect(published).to.include({ use: "sig", kty: "EC", crv: "P-256", alg: "ES256", kid: verification.id });
    expect(published).to.have.all.keys("use", "kty", "kid", "alg", "crv", "x", "y");
  });
});
