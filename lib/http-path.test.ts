import { expect } from "chai";
import { canonicalPath, encodePath } from "./http-path.ts";

describe("the canonical path", () => {
  for (const [raw, canonical] of [
    ["/", "/"],
    ["/api/v1/namespaces/default/pods/web", "/api/v1/namespaces/default/pods/web"],
    ["/api/v1/nodes/system%3Anode", "/api/v1/nodes/system:node"],
    ["/a%20b", "/a b"],
    ["/%C3%A9", "/é"],
    ["/a//b/", "/a//b/"],
    ["/..a/b../...", "/..a/b../..."],
    ["/%252e%252e", "/%2e%2e"],
  ] as const) {
    it(`of ${raw} is ${canonical}`, () => {
      expect(canonicalPath(raw)).to.equal(canonical);
      expect(canonicalPath(encodePath(canonical))).to.equal(canonical);
    });
  }

  for (const raw of [
    ...["/api/../secrets", "/api/%2e%2e/secrets", "/api/%2E./secrets", "/..", "/./api", "/api/%2e"],
    ...["/pods/a%2fb", "/pods/a%2Fb", "/pods/a%5cb", "/pods/a%00", "/pods/a%0a", "/pods/%7f"],
    ...["/%ff", "/%c3%28", "/%", "/%zz", "/%ed%a0%80", "/%c0%ae%c0%ae/"],
    ...["", "api", "http://elsewhere/api", "*"],
  ]) {
    it(`of ${JSON.stringify(raw)} does not exist`, () => {
      expect(() => canonicalPath(raw))
        .to.throw()
        .with.property("code", 400);
    });
  }
});
