import { expect } from "chai";
import { prepareService } from "./service-strategy.ts";
import { services, type Service } from "./service.ts";
import { storedObject } from "../../testing/stored-object.ts";

const serviceOf = (spec: object, status: object = {}): Service => storedObject(services, { spec, status });
const ports = [{ port: 80 }];
const allocated = serviceOf(
  {
    type: "NodePort",
    ports: [{ port: 80, nodePort: 30001 }],
    clusterIP: "10.0.0.1",
    clusterIPs: ["10.0.0.1"],
    ipFamilies: ["IPv4"],
    ipFamilyPolicy: "SingleStack",
  },
  { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } },
);

describe("a service that is written", () => {
  it("begins without a status, and keeps the one it has", () => {
    expect(prepareService(allocated).status).to.deep.equal({ loadBalancer: {} });
    expect(prepareService(serviceOf({ type: "NodePort", ports }), allocated).status).to.equal(allocated.status);
  });

  it("has its one address in both places", () => {
    expect(prepareService(serviceOf({ ports, clusterIP: "None" })).spec.clusterIPs).to.deep.equal(["None"]);
  });

  it("keeps what was allocated where the client leaves it out", () => {
    const { spec } = prepareService(serviceOf({ type: "NodePort", ports }), allocated);
    expect(spec).to.deep.include({ clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"], ipFamilies: ["IPv4"] });
    expect(spec.ports?.[0]?.nodePort).to.equal(30001);
  });

  it("drops what the new type has no use for", () => {
    const internal = prepareService({ ...allocated, spec: { ...allocated.spec, type: "ClusterIP" } }, allocated).spec;
    expect(internal.ports?.[0]).to.not.have.property("nodePort");
    expect(internal).to.not.have.property("externalTrafficPolicy");
    expect(internal.clusterIP).to.equal("10.0.0.1");
    const external = { ...allocated.spec, type: "ExternalName" as const, externalName: "a.example.com" };
    const { spec } = prepareService({ ...allocated, spec: external }, allocated);
    expect(spec).to.not.have.any.keys("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy");
  });

  it("gives no port to two of its ports", () => {
    const two = [
      { name: "a", port: 80, nodePort: 30002 },
      { name: "b", port: 81 },
    ];
    const old = serviceOf({ type: "NodePort", ports: [{ name: "b", port: 81, nodePort: 30002 }] });
    const { spec } = prepareService(serviceOf({ type: "NodePort", ports: two }), old);
    expect(spec.ports?.map(({ nodePort }) => nodePort)).to.deep.equal([30002, undefined]);
  });
});
