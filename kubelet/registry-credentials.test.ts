import { expect } from "chai";
import type { Secret } from "../api/core/secret.ts";
import { findCredentials } from "./registry-credentials.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const secretOf = (content: string, key = ".dockerconfigjson") =>
  ({ data: { [key]: base64(content) } }) as unknown as Secret;
const config = secretOf(
  JSON.stringify({
    auths: {
      "https://index.docker.io/v1/": { auth: base64("hub:pass:word") },
      "registry.test:5000": { username: "me", password: "secret" },
    },
  }),
);

describe("findCredentials", () => {
  for (const [image, expected] of [
    ["registry.test:5000/team/app:1", { username: "me", password: "secret", server: "registry.test:5000" }],
    ["busybox", { username: "hub", password: "pass:word", server: "docker.io" }],
    ["library/busybox:1", { username: "hub", password: "pass:word", server: "docker.io" }],
    ["other.test/app", undefined],
    ["localhost/app", undefined],
  ] as const) {
    it(`of ${image}`, () => {
      expect(findCredentials(image, [config])).to.deep.equal(expected);
    });
  }

  it("reads the old form, and passes over what it cannot read", () => {
    const old = secretOf(JSON.stringify({ "other.test": { username: "u", password: "p" } }), ".dockercfg");
    const broken = secretOf("{");
    expect(findCredentials("other.test/app", [broken, old])).to.include({ username: "u", password: "p" });
  });
});
