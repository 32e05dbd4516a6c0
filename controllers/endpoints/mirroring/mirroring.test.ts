import { expect } from "chai";
import { endpoints, type Endpoints } from "../../../api/core/endpoints.ts";
import { events } from "../../../api/core/event.ts";
import { services, type Service } from "../../../api/core/service.ts";
import { endpointSlices } from "../../../api/discovery/endpoint-slice.ts";
import type { KubeObject, NewObject } from "../../../api/meta/object.ts";
import { asStored, newService } from "../../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../../testing/controller-cluster.ts";
import { planMirrors } from "./plan-mirror.ts";

type Subsets = Endpoints["subsets"];

const newEndpoints = (subsets: Subsets, metadata: object = {}): NewObject<Endpoints> => ({
  apiVersion: "v1",
  kind: "Endpoints",
  metadata: { name: "db", namespace: "default", ...metadata },
  subsets,
});
const withoutSelector = (): NewObject<Service> => {
  const { metadata, ...service } = newService("db");
  return { ...service, metadata, spec: { ports: [{ port: 5432, protocol: "TCP" }] } };
};
const ports = [{ port: 5432 }];

describe("mirrored Endpoints", () => {
  let parts: ControllerCluster;
  beforeEach(async () => {
    parts = await startControllerCluster();
  });
  afterEach(async () => {
    await parts.cluster.stop();
    expect(parts.errors).to.deep.equal([]);
  });

  const apply = async (...objects: readonly NewObject<KubeObject>[]) => {
    await parts.cluster.apply(...objects);
    await parts.cluster.settle();
  };
  const slices = async () =>
    (await parts.cluster.list(endpointSlices)).filter(({ metadata }) => metadata.name.startsWith("db-"));
  const shown = async () =>
    (await slices()).map(({ addressType, ports: offered, endpoints: behind }) => [
      addressType,
      offered?.map(({ port }) => port),
      behind.map(({ addresses, conditions }) => `${addresses.join()} ${conditions.ready}`),
    ]);

  it("are shown as one slice for each set of ports and sort of address, and follow every change", async () => {
    const metadata = { labels: { team: "a" }, annotations: { note: "x" } };
    await apply(withoutSelector(), newEndpoints([{ addresses: [{ ip: "10.1.2.3" }], ports }], metadata));
    const [slice] = await slices();
    expect(slice?.metadata.labels).to.deep.equal({
      team: "a",
      "kubernetes.io/service-name": "db",
      "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
    });
    expect(slice?.metadata.annotations).to.deep.equal({ note: "x" });
    expect(slice?.metadata.ownerReferences?.[0]).to.include({ apiVersion: "v1", kind: "Endpoints", name: "db" });
    expect(await shown()).to.deep.equal([["IPv4", [5432], ["10.1.2.3 true"]]]);
    const subsets: Subsets = [
      { addresses: [{ ip: "10.1.2.4" }, { ip: "fd00::1" }], notReadyAddresses: [{ ip: "10.1.2.5" }], ports },
    ];
    await apply(newEndpoints(subsets, metadata));
    expect((await shown()).sort()).to.deep.equal([
      ["IPv4", [5432], ["10.1.2.4 true", "10.1.2.5 false"]],
      ["IPv6", [5432], ["fd00::1 true"]],
    ]);
    await apply(newEndpoints([{ addresses: [{ ip: "10.1.2.4" }], ports: [{ port: 80 }] }], metadata));
    const after = await slices();
    expect(after.map(({ metadata: { name } }) => name)).to.deep.equal([slice?.metadata.name]);
    expect(await shown()).to.deep.equal([["IPv4", [80], ["10.1.2.4 true"]]]);
  });

  it("are not written again while nothing changes, and are put right when somebody else writes them", async () => {
    await apply(withoutSelector(), newEndpoints([{ addresses: [{ ip: "10.1.2.3" }], ports }]));
    const [slice] = await slices();
    if (!slice) throw new Error("there is no slice");
    await parts.cluster.step(60_000);
    expect((await slices())[0]?.metadata.resourceVersion).to.equal(slice.metadata.resourceVersion);
    await parts.cluster.client.update(endpointSlices, { ...slice, endpoints: [] });
    await parts.cluster.settle();
    expect(await shown()).to.deep.equal([["IPv4", [5432], ["10.1.2.3 true"]]]);
  });

  const GONE: readonly [string, (cluster: ControllerCluster["cluster"]) => Promise<unknown>][] = [
    ["the Endpoints", (cluster) => cluster.delete(endpoints, "db")],
    ["the service", (cluster) => cluster.delete(services, "db")],
    [
      "the wish to be shown",
      (cluster) => {
        const patch = { metadata: { labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } } };
        return cluster.client.patch(endpoints, { namespace: "default", name: "db" }, { type: "merge", patch });
      },
    ],
  ];
  for (const [what, remove] of GONE) {
    it(`go with ${what}`, async () => {
      await apply(withoutSelector(), newEndpoints([{ addresses: [{ ip: "10.1.2.3" }], ports }]));
      expect(await slices()).to.have.length(1);
      await remove(parts.cluster);
      await parts.cluster.step(1000);
      expect(await slices()).to.deep.equal([]);
    });
  }

  it("give way to the slices of pods once the service selects some", async () => {
    await apply(withoutSelector(), newEndpoints([{ addresses: [{ ip: "10.1.2.3" }], ports }]));
    const patch = { spec: { selector: { app: "db" } } };
    await parts.cluster.client.patch(services, { namespace: "default", name: "db" }, { type: "merge", patch });
    await parts.cluster.settle();
    const managers = (await slices()).map(
      ({ metadata }) => metadata.labels?.["endpointslice.kubernetes.io/managed-by"],
    );
    expect(managers).to.deep.equal(["endpointslice-controller.k8s.io"]);
  });

  it("leave out the locks of leaders", async () => {
    const annotations = { "control-plane.alpha.kubernetes.io/leader": "{}" };
    await apply(withoutSelector(), newEndpoints([{ addresses: [{ ip: "10.1.2.3" }], ports }], { annotations }));
    expect(await slices()).to.deep.equal([]);
  });

  it("leave out what is too much, and say so", async () => {
    const addresses = Array.from({ length: 1003 }, (_, index) => ({ ip: `10.2.${index >> 8}.${index & 255}` }));
    await apply(withoutSelector(), newEndpoints([{ addresses, ports }]));
    expect((await slices())[0]?.endpoints).to.have.length(1000);
    const event = (await parts.cluster.list(events)).find(({ reason }) => reason === "TooManyAddressesToMirror");
    expect(event?.message).to.equal(
      "A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 3 addresses were skipped",
    );
  });

  it("survive what no server would store", () => {
    const subsets: Subsets = [{ addresses: [{ ip: "localhost" }, { ip: "10.0.0.1" }] }, {}];
    const { mirrors, invalid, skipped } = planMirrors(asStored(newEndpoints(subsets)));
    expect([mirrors.length, invalid, skipped]).to.deep.equal([1, 1, 1]);
    expect(planMirrors(asStored(newEndpoints(undefined))).mirrors).to.deep.equal([]);
  });
});
