import { expect } from "chai";
import { hashToken, parseTokenFile } from "./token-file.ts";

const parse = (text: string) => parseTokenFile(text, "tokens.csv");

describe("the token file", () => {
  it("gives each token its user, uid and groups", () => {
    const users = parse('t1,jane,1,"dev,ops"\nt2,joe,2\r\n\nt3,ann,3,dev\n"t""4" , bob , 4 ,""\n');
    expect([...users]).to.deep.equal([
      [hashToken("t1"), { username: "jane", uid: "1", groups: ["dev", "ops"] }],
      [hashToken("t2"), { username: "joe", uid: "2", groups: [] }],
      [hashToken("t3"), { username: "ann", uid: "3", groups: ["dev"] }],
      [hashToken('t"4'), { username: "bob", uid: "4", groups: [] }],
    ]);
  });

  it("holds no token", () => {
    expect(JSON.stringify([...parse("secret-token,jane,1")])).not.to.contain("secret-token");
  });

  for (const [text, message] of [
    ["a,b,c\nt,jane", "tokens.csv, line 2: a token needs at least 3 columns (token, user name, user uid), found 2."],
    [",jane,1", "tokens.csv, line 1: the token is empty."],
    ["t,,1", "tokens.csv, line 1: the user name is empty."],
    ["\nt,jane,1\nt,joe,2", "tokens.csv, line 3: the token has been given to another user above."],
    ['t,jane,1,"dev', "tokens.csv, line 1: the quotes do not match."],
    ['t,ja"ne,1', "tokens.csv, line 1: the quotes do not match."],
  ] as const) {
    it(`refuses ${JSON.stringify(text)} by file and line`, () => {
      expect(() => parse(text)).to.throw(message);
    });
  }
});
