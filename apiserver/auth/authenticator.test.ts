import { expect } from "chai";
import { emptyRequestBody, type HttpRequest } from "../../lib/http.ts";
import { authenticate } from "./authenticator.ts";
import { fileTokens, tokensInTurn } from "./token-authenticator.ts";
import { parseTokenFile } from "./token-file.ts";

const apiAudiences = ["api"];
const users = parseTokenFile('s3cret,jane,42,"dev"', "tokens.csv");
const requestOf = (request: Partial<HttpRequest>): HttpRequest => ({
  method: "GET",
  path: "/",
  query: new URLSearchParams(),
  headers: {},
  body: emptyRequestBody,
  peer: { address: "" },
  signal: new AbortController().signal,
  ...request,
});
const tokens = tokensInTurn([fileTokens(users, apiAudiences)]);
const who = (request: Partial<HttpRequest>) => authenticate(requestOf(request), { tokens, apiAudiences });
const jane = { username: "jane", uid: "42", groups: ["dev", "system:authenticated"] };

describe("authentication", () => {
  it("knows the subject of a verified certificate", async () => {
    const peer = { address: "", certificate: { commonName: "admin", organizations: ["system:masters"] } };
    expect(await who({ peer })).to.deep.equal({
      username: "admin",
      groups: ["system:masters", "system:authenticated"],
    });
  });

  it("knows the bearer of a token", async () => {
    expect(await who({ headers: { authorization: "Bearer s3cret" } })).to.deep.equal(jane);
    expect(await who({ headers: { authorization: "bearer  s3cret " } })).to.deep.equal(jane);
  });

  it("takes an in-process caller's word", async () => {
    const user = { username: "system:kube-scheduler", groups: [] };
    expect(await who({ peer: { address: "", user } })).to.deep.equal({
      username: "system:kube-scheduler",
      groups: ["system:authenticated"],
    });
  });

  for (const authorization of [
    undefined,
    "",
    "Bearer",
    "Bearer ",
    "Bearer wrong",
    "Basic s3cret",
    "s3cret",
    "Bearer s3cret x",
  ]) {
    it(`knows nobody by the header ${JSON.stringify(authorization)}`, async () => {
      expect(await who({ headers: { authorization } })).to.equal(undefined);
    });
  }

  it("knows nobody by a token where there is no token file", async () => {
    const request = requestOf({ headers: { authorization: "Bearer s3cret" } });
    expect(await authenticate(request, { tokens: tokensInTurn([]), apiAudiences })).to.equal(undefined);
  });
});
