import { expect } from "chai";
import { rightsFor } from "./request-attributes.ts";

describe("the rights that a request to a kubelet takes", () => {
  for (const [method, path, verb, ...subresources] of [
    ["GET", "/healthz", "get", "healthz", "proxy"],
    ["GET", "/healthz/syncloop", "get", "healthz", "proxy"],
    ["GET", "/pods", "get", "pods", "proxy"],
    ["GET", "/runningpods/", "get", "pods", "proxy"],
    ["GET", "/configz", "get", "configz", "proxy"],
    ["GET", "/stats/summary", "get", "stats"],
    ["GET", "/metrics", "get", "metrics"],
    ["GET", "/metrics/cadvisor", "get", "metrics"],
    ["GET", "/logs/", "get", "log"],
    ["POST", "/checkpoint/default/web/main", "create", "checkpoint"],
    ["POST", "/exec/default/web/main", "create", "proxy"],
    ["GET", "/containerLogs/default/web/main", "get", "proxy"],
    ["GET", "/metricsX", "get", "proxy"],
    ["PUT", "/", "update", "proxy"],
    ["CONNECT", "/pods", "", "pods", "proxy"],
    ["constructor", "/pods", "", "pods", "proxy"],
  ] as const) {
    it(`${method} ${path}: ${verb || "nothing"} on ${subresources.join(" or ")}`, () => {
      expect(rightsFor({ method, path })).to.deep.equal({ verb, subresources });
    });
  }
});
