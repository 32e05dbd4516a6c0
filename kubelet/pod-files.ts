// The files of a pod that its containers share and the kubelet writes: who is who in its network, and whom it asks for names.
// A runtime's own would tell of the runtime: Docker's names its own resolver, for one.

import { join } from "node:path";
import type { Container } from "../api/core/container.ts";
import type { Pod } from "../api/core/pod.ts";
import type { NodeFiles } from "./node-files.ts";
import { buildDns, hasOwnDns, parseResolvConf, renderResolvConf, type ClusterDns } from "./pod-dns.ts";
import { renderHosts } from "./pod-hostname.ts";
import type { DnsSpec, Mount } from "./runtimes/runtime.ts";

export interface PodFilesDeps {
  readonly files: NodeFiles;
  readonly rootDirectory: string;
  readonly dns: ClusterDns;
}

const HOSTS = "/etc/hosts";
const RESOLVER = "/etc/resolv.conf";
/** Where the first of them is, the second names a resolver that answers the node alone. */
const NODE_RESOLVERS = ["/run/systemd/resolve/resolv.conf", RESOLVER];
const FILE_BYTES_MAX = 1024 * 1024;

/** Undefined: as the node resolves names. */
export async function findDns(pod: Pod, { files, dns }: PodFilesDeps): Promise<DnsSpec | undefined> {
  if (!hasOwnDns(pod, dns)) return undefined;
  const texts = await Promise.all(NODE_RESOLVERS.map((path) => readText(files, path)));
  return buildDns(pod, { cluster: dns, node: parseResolvConf(texts.find((text) => text !== "") ?? "") });
}

/** One file for all containers of the pod. A container that mounts something of its own there keeps that. */
export async function mountPodFiles(
  pod: Pod,
  { volumeMounts = [] }: Container,
  { deps, podIP }: { readonly deps: PodFilesDeps; readonly podIP: string | undefined },
): Promise<Mount[]> {
  const { files, rootDirectory, dns } = deps;
  const directory = join(rootDirectory, "pods", pod.metadata.uid);
  const share = (name: string, containerPath: string, text: string): Mount[] => {
    if (volumeMounts.some(({ mountPath }) => mountPath === containerPath)) return [];
    const hostPath = join(directory, name);
    files.rewrite(hostPath, text);
    return [{ hostPath, containerPath }];
  };
  const nodeHosts = pod.spec.hostNetwork ? await readText(files, HOSTS) : "";
  const resolver = await findDns(pod, deps);
  return [
    ...(podIP === undefined
      ? []
      : share("etc-hosts", HOSTS, renderHosts(pod, { ip: podIP, clusterDomain: dns.domain, nodeHosts }))),
    ...(resolver && resolver.servers.length > 0 ? share("resolv.conf", RESOLVER, renderResolvConf(resolver)) : []),
  ];
}

const readText = async (files: NodeFiles, path: string) =>
  Buffer.from(await files.readStart(path, FILE_BYTES_MAX)).toString();
