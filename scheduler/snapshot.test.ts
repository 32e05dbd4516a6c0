import { expect } from "chai";
import fc from "fast-check";
import type { Node } from "../api/core/node.ts";
import type { Pod } from "../api/core/pod.ts";
import { asStored, newNode, newPod } from "../testing/builders.ts";
import { PodInfo } from "./pod-info.ts";
import { Snapshot } from "./snapshot.ts";

const node = (name: string, options: Parameters<typeof newNode>[1] = {}) => asStored<Node>(newNode(name, options));
const pod = (name: string, options: Parameters<typeof newPod>[1] = {}) =>
  new PodInfo(asStored<Pod>(newPod(name, options)));

/** The requests of a node, read from its columns. */
function requestedOn(snapshot: Snapshot, name: string) {
  const row = snapshot.node(name)?.row ?? NaN;
  const { cpuMillis, memoryBytes, pods, scoredCpuMillis } = snapshot;
  return [cpuMillis, memoryBytes, pods].map(({ requested }) => requested.get(row)).concat(scoredCpuMillis.get(row));
}

describe("Snapshot", () => {
  it("counts the pods of a node, and no longer those that left", () => {
    const snapshot = new Snapshot();
    snapshot.setNode(node("n1"));
    snapshot.addPod(pod("a", { cpu: "1", memory: "1Ki" }), "n1");
    snapshot.addPod(pod("b", { cpu: "500m" }), "n1");
    snapshot.addPod(pod("b", { cpu: "500m" }), "n1");
    expect(requestedOn(snapshot, "n1")).to.deep.equal([1500, 1024, 2, 1500]);
    expect(snapshot.removePod(pod("a").uid)).to.equal("n1");
    expect(requestedOn(snapshot, "n1")).to.deep.equal([500, 0, 1, 500]);
    expect(snapshot.removePod("unknown")).to.equal(undefined);
  });

  it("counts pods that came before their node, and those of a node that comes back", () => {
    const snapshot = new Snapshot();
    snapshot.addPod(pod("a", { cpu: "1" }), "n1");
    snapshot.setNode(node("n1"));
    snapshot.removeNode("n1");
    snapshot.addPod(pod("b", { cpu: "1" }), "n1");
    snapshot.setNode(node("n1"));
    expect(requestedOn(snapshot, "n1")).to.deep.equal([2000, 0, 2, 2000]);
  });

  it("moves a pod that turns up on another node, and counts new requests", () => {
    const snapshot = new Snapshot();
    for (const name of ["n1", "n2"]) snapshot.setNode(node(name));
    snapshot.addPod(pod("a", { cpu: "1" }), "n1");
    snapshot.addPod(pod("a", { cpu: "1" }), "n2");
    snapshot.addPod(pod("a", { cpu: "2" }), "n2");
    expect(requestedOn(snapshot, "n1")[0]).to.equal(0);
    expect(requestedOn(snapshot, "n2")[0]).to.equal(2000);
  });

  it("says which changes of a node may make room, and none for a heartbeat", () => {
    const snapshot = new Snapshot();
    const status = { conditions: [{ type: "Ready", status: "True" as const, lastHeartbeatTime: "later" }] };
    expect(snapshot.setNode(node("n1"))).to.deep.equal(["NodeAdded"]);
    const { version } = snapshot;
    expect(snapshot.setNode(node("n1", { status }))).to.deep.equal([]);
    expect(snapshot.version).to.equal(version);
    expect(snapshot.setNode(node("n1", { cpu: "8" }))).to.deep.equal(["NodeCapacity"]);
    expect(snapshot.setNode(node("n1", { cpu: "8", labels: { a: "b" } }))).to.deep.equal(["NodeLabels"]);
    expect(snapshot.setNode(node("n1", { cpu: "8", labels: { a: "b" }, spec: { unschedulable: true } }))).to.deep.equal(
      ["NodeTaints"],
    );
    expect(snapshot.cpuMillis.allocatable.get(0)).to.equal(8000);
  });

  it("knows how many nodes have an image, whose name may leave out `latest`", () => {
    const snapshot = new Snapshot();
    const images = (...names: string[]) => ({ status: { images: [{ names, sizeBytes: 1 }] } });
    snapshot.setNode(node("n1", images("registry:5000/app")));
    snapshot.setNode(node("n2", images("registry:5000/app:latest", "other:1")));
    expect(snapshot.nodesWithImage("registry:5000/app:latest")).to.equal(2);
    const { shape } = snapshot;
    snapshot.setNode(node("n1", images("other:1")));
    expect([snapshot.nodesWithImage("registry:5000/app:latest"), snapshot.nodesWithImage("other:1")]).to.deep.equal([
      1, 2,
    ]);
    expect(snapshot.shape).not.to.equal(shape);
  });

  it("shows the same whatever the order of changes was", () => {
    const change = fc.record({
      what: fc.constantFrom("node", "gone", "pod", "leave"),
      node: fc.constantFrom("n1", "n2", "n3", "n4"),
      pod: fc.constantFrom("a", "b", "c", "d", "e"),
      cpu: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const snapshot = new Snapshot();
        const nodes = new Map<string, Node>();
        const placed = new Map<string, { node: string; cpu: number }>();
        for (const { what, node: nodeName, pod: podName, cpu } of changes) {
          if (what === "node") {
            nodes.set(nodeName, node(nodeName, { cpu: String(cpu) }));
            snapshot.setNode(node(nodeName, { cpu: String(cpu) }));
          } else if (what === "gone") {
            nodes.delete(nodeName);
            snapshot.removeNode(nodeName);
          } else if (what === "pod") {
            placed.set(podName, { node: nodeName, cpu });
            snapshot.addPod(pod(podName, { cpu: String(cpu) }), nodeName);
          } else {
            placed.delete(podName);
            snapshot.removePod(pod(podName).uid);
          }
        }
        expect(snapshot.nodes.map(({ name }) => name).sort()).to.deep.equal([...nodes.keys()].sort());
        snapshot.nodes.forEach((info, row) => {
          const here = [...placed.values()].filter((each) => each.node === info.name);
          const cpu = here.reduce((sum, each) => sum + each.cpu, 0);
          expect(info.row).to.equal(row);
          expect(requestedOn(snapshot, info.name)).to.deep.equal([cpu * 1000, 0, here.length, cpu * 1000]);
          expect(snapshot.cpuMillis.allocatable.get(row)).to.equal(
            Number(nodes.get(info.name)?.status.allocatable?.["cpu"]) * 1000,
          );
        });
      }),
    );
  });
});
