// How the API server reaches a node's kubelet: over HTTPS, with the API server's own certificate, at the address and port
// that the node reports. A node's report is not believed further than that: see refuseAddress.

import { BlockList, isIP } from "node:net";
import type { Node } from "../../api/core/node.ts";
import { StatusError } from "../../api/meta/status.ts";
import { httpsHandler } from "../../lib/http-client.ts";
import type { Handler } from "../../lib/http.ts";

export interface NodeTransportOptions {
  /** PEM of the API server's client certificate towards kubelets. */
  readonly clientCert?: string;
  readonly clientKey?: string;
  /** PEM of who signs the kubelets' certificates, which must then carry the node's name. Believed unseen where not given, as kube-apiserver does. */
  readonly kubeletCa?: string;
  /** For kubelets on the API server's own machine, which listen on loopback. */
  readonly allowLoopback?: boolean;
  /** Where all kubelets are, whatever address they report: for clusters of one machine. */
  readonly address?: string;
}

/** Kept for reuse of their connections; the least recently used go first. */
const NODES_MAX = 5_000;

/** Throws StatusError for nodes that report no usable address. */
export function createNodeTransport(options: NodeTransportOptions): (node: Node) => Handler {
  const handlers = new Map<string, Handler>();
  return (node) => {
    const { name } = node.metadata;
    const baseUrl = kubeletUrl(node, options);
    const key = `${name} ${baseUrl}`;
    const handler = handlers.get(key) ?? connect(name, baseUrl, options);
    handlers.delete(key);
    handlers.set(key, handler);
    const oldest = handlers.keys().next().value;
    if (handlers.size > NODES_MAX && oldest !== undefined) handlers.delete(oldest);
    return handler;
  };
}

function connect(nodeName: string, baseUrl: string, options: NodeTransportOptions): Handler {
  const { clientCert: cert, clientKey: key, kubeletCa: ca } = options;
  return httpsHandler({
    baseUrl,
    // Asking for the node's own name makes one node's kubelet useless as a stand-in for another's.
    tls: { ca, cert, key, serverName: ca && !isIP(nodeName) ? nodeName : undefined },
    insecureSkipVerify: ca === undefined,
    idleConnectionsMax: 2,
  });
}

/** Such as `https://10.0.0.5:10250`. */
export function kubeletUrl({ metadata, status }: Node, options: NodeTransportOptions): string {
  const address = options.address ?? status.addresses?.find((each) => each.type === "InternalIP")?.address;
  const port = status.daemonEndpoints?.kubeletEndpoint?.Port;
  if (!address || !port) {
    throw new StatusError(
      "ServiceUnavailable",
      `node ${metadata.name} has not reported the address of its kubelet yet`,
    );
  }
  const problem = options.address === undefined ? refuseAddress(address, options) : undefined;
  if (problem) throw new StatusError("Forbidden", `node ${metadata.name} reports the address ${address}, ${problem}`);
  return `https://${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

const neverANode = new BlockList();
neverANode.addSubnet("0.0.0.0", 8);
neverANode.addSubnet("169.254.0.0", 16);
neverANode.addSubnet("224.0.0.0", 3);
neverANode.addAddress("::", "ipv6");
neverANode.addSubnet("fe80::", 10, "ipv6");
neverANode.addSubnet("ff00::", 8, "ipv6");

/** A node could name any address to make the API server connect there: those that are never a node's are refused. */
function refuseAddress(
  address: string,
  { allowLoopback }: Pick<NodeTransportOptions, "allowLoopback">,
): string | undefined {
  const version = isIP(address);
  if (version === 0) return "which is no IP address";
  const family = version === 6 ? "ipv6" : "ipv4";
  if (neverANode.check(address, family)) return "which is no node's";
  if (!allowLoopback && loopback.check(address, family)) return "which is the API server's own machine";
  return undefined;
}
