import { expect } from "chai";
import type { Service } from "../../api/core/service.ts";
import type { CachedReply } from "./answer-cache.ts";
import type { ClusterView } from "./cluster-zone.ts";
import type { Question } from "./message.ts";
import { Resolver } from "./resolver.ts";

const external = (name: string, externalName: string): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "shop", uid: "u", resourceVersion: "1", creationTimestamp: "" },
  spec: { type: "ExternalName", externalName },
  status: { loadBalancer: {} },
});

const services = [
  external("out", "example.com"),
  external("twice", "out.shop.svc.cluster.local"),
  external("round", "about.shop.svc.cluster.local"),
  external("about", "round.shop.svc.cluster.local"),
];

const view: ClusterView = {
  hasNamespace: () => true,
  service: (_, name) => services.find(({ metadata }) => metadata.name === name),
  slices: () => [],
  servicesAt: () => [],
  slicesAt: () => [],
};

const found = ({ name }: Question): CachedReply => ({
  code: "NOERROR",
  answers: [{ type: "A", name, ttl: 9, data: "192.0.2.1" }],
  authorities: [],
  additionals: [],
});

describe("a question's whole answer", () => {
  let asked: string[];
  const forwarder = {
    recall: (): CachedReply | undefined => undefined,
    ask: (question: Question) => (asked.push(question.name), Promise.resolve(found(question))),
  };
  const resolve = (name: string) =>
    Promise.resolve(new Resolver({ domain: "cluster.local", view, forwarder }).resolve({ name, type: "A" }));
  beforeEach(() => (asked = []));

  const namesIn = async (name: string) =>
    (await resolve(name)).answers.map((record) => `${record.type} ${record.name}`);

  it("has others asked for names that are not the cluster's, and says that it does not answer for them", async () => {
    expect(await resolve("example.com")).to.deep.include({ isAuthoritative: false, code: "NOERROR" });
    expect(asked).to.deep.equal(["example.com"]);
  });

  it("asks nobody for what others have answered before", () => {
    const remembering = { ...forwarder, recall: found };
    const resolver = new Resolver({ domain: "cluster.local", view, forwarder: remembering });
    expect(resolver.resolve({ name: "example.com", type: "A" })).not.to.be.instanceOf(Promise);
    expect(asked).to.deep.equal([]);
  });

  it("never asks others for the cluster's names", async () => {
    expect((await resolve("nobody.shop.svc.cluster.local")).code).to.equal("NXDOMAIN");
    expect(asked).to.deep.equal([]);
  });

  it("follows an alias, and the aliases of aliases, out of the cluster", async () => {
    expect(await namesIn("twice.shop.svc.cluster.local")).to.deep.equal([
      "CNAME twice.shop.svc.cluster.local",
      "CNAME out.shop.svc.cluster.local",
      "A example.com",
    ]);
  });

  it("gives up aliases that lead in a circle", async () => {
    expect((await resolve("round.shop.svc.cluster.local")).code).to.equal("SERVFAIL");
  });
});
