import { expect } from "chai";
import type { Node } from "../../api/core/node.ts";
import { createNodeTransport, kubeletUrl } from "./node-transport.ts";

const nodeOf = (address: string | undefined, port = 10250): Node =>
  ({
    metadata: { name: "n1" },
    status: {
      addresses:
        address === undefined
          ? []
          : [
              { type: "Hostname", address: "h" },
              { type: "InternalIP", address },
            ],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    },
  }) as unknown as Node;

describe("the way to a kubelet", () => {
  it("is what the node reports", () => {
    expect(kubeletUrl(nodeOf("10.0.0.5"), {})).to.equal("https://10.0.0.5:10250");
    expect(kubeletUrl(nodeOf("fd00::5", 1234), {})).to.equal("https://[fd00::5]:1234");
  });

  it("does not exist before the node has reported", () => {
    for (const node of [nodeOf(undefined), nodeOf("10.0.0.5", 0), { metadata: { name: "n1" }, status: {} } as Node]) {
      expect(() => kubeletUrl(node, {})).to.throw("node n1 has not reported the address of its kubelet yet");
    }
  });

  for (const address of [
    ...["127.0.0.1", "127.64.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "::ffff:169.254.169.254"],
    ...["0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "fe80::1", "ff02::1", "etcd.example.com", "1.2.3.4@x"],
  ]) {
    it(`never leads to ${address}`, () => {
      expect(() => kubeletUrl(nodeOf(address), {})).to.throw(`node n1 reports the address ${address}`);
    });
  }

  it("may lead to loopback in a cluster of one machine, but to nothing else that is refused", () => {
    expect(kubeletUrl(nodeOf("127.0.0.1"), { allowLoopback: true })).to.equal("https://127.0.0.1:10250");
    expect(() => kubeletUrl(nodeOf("169.254.169.254"), { allowLoopback: true })).to.throw("which is no node's");
  });

  it("is the given one in a cluster of one machine, whatever the node reports", () => {
    expect(kubeletUrl(nodeOf("169.254.169.254"), { address: "127.0.0.1" })).to.equal("https://127.0.0.1:10250");
  });

  it("is kept while the node does not move", () => {
    const reach = createNodeTransport({ kubeletCa: "CA" });
    expect(reach(nodeOf("10.0.0.5"))).to.equal(reach(nodeOf("10.0.0.5")));
    expect(reach(nodeOf("10.0.0.5"))).not.to.equal(reach(nodeOf("10.0.0.6")));
  });
});
