import { expect } from "chai";
import { StatusError } from "../../api/meta/status.ts";
import { parseContinueToken, renderContinueToken } from "./continue-token.ts";

const encode = (token: unknown) => Buffer.from(JSON.stringify(token)).toString("base64url");
const v = "meta.k8s.io/v1";

describe("the token for the next page of a list", () => {
  it("is the one of kube-apiserver", () => {
    const token = renderContinueToken({ revision: 7, after: "default/a" });
    expect(JSON.parse(Buffer.from(token, "base64url").toString())).to.deep.equal({
      v,
      rv: 7,
      start: "default/a\u0000",
    });
    expect(parseContinueToken(token)).to.deep.equal({ revision: 7, after: "default/a" });
  });

  it("names no revision where the list goes on in the newest state", () => {
    const token = renderContinueToken({ after: "a" });
    expect(JSON.parse(Buffer.from(token, "base64url").toString())).to.include({ rv: -1 });
    expect(parseContinueToken(token)).to.deep.equal({ after: "a" });
  });

  const refused: readonly [text: string, detail: string][] = [
    ["x", "it holds no JSON object"],
    ["not base64!", "illegal base64 data"],
    [encode([]), 'server does not recognize this encoded version ""'],
    [encode({ v: "v2", rv: 1, start: "a" }), 'server does not recognize this encoded version "v2"'],
    [encode({ v, rv: 0, start: "a" }), "incorrect encoded start resourceVersion (version meta.k8s.io/v1)"],
    [encode({ v, rv: "1", start: "a" }), "incorrect encoded start resourceVersion (version meta.k8s.io/v1)"],
    [encode({ v, rv: 1 }), "encoded start key empty (version meta.k8s.io/v1)"],
    [encode({ v, rv: 1, start: "../../secrets/x" }), "../../secrets/x"],
    [encode({ v, rv: 1, start: "a/../../secrets" }), "a/../../secrets"],
    [encode({ v, rv: 1, start: "//a" }), "//a"],
    [encode({ v, rv: 1, start: "/" }), "/"],
  ];
  for (const [text, detail] of refused) {
    it(`is refused for: ${detail}`, () => {
      expect(() => parseContinueToken(text))
        .to.throw(StatusError, `invalid continue token: continue key is not valid: ${detail}`)
        .that.includes({ code: 400 });
    });
  }
});
