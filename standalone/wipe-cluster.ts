// Removes what a cluster leaves on the machine outside its data directory: its pods, its network, its packet rules. The
// cluster must not be running.

import { once, setMaxListeners } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { stopOwnContainerd } from "../kubelet/runtimes/cri/own-containerd.ts";
import { silentLog } from "../lib/log.ts";
import type { ClusterIo } from "./cluster-commands.ts";
import { ClusterError } from "./cluster-error.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import { cleanUpProxy, containerdDirectory, nodeNames, openRuntime } from "./components.ts";
import { unmountBelow } from "./unmount-below.ts";

export async function wipeCluster(
  { directory, settings }: { readonly directory: string; readonly settings: ClusterSettings },
  { clock, exec, dockerSocket, signal }: ClusterIo,
): Promise<void> {
  setMaxListeners(0, signal);
  const context = { directory, settings, nodeAddress: "127.0.0.1", dockerSocket, exec, clock, log: silentLog };
  for (const nodeName of nodeNames(settings)) {
    const runtime = await openRuntime(context, nodeName, signal);
    const pods = await runtime.list(signal);
    for (const pod of pods) {
      await Promise.all(pod.sandboxes.map((sandbox) => runtime.removeSandbox(sandbox.id, signal)));
    }
  }
  if (settings.runtime === "containerd" && settings.runtimeEndpoint === undefined) {
    const network = { cluster: settings.id, podCidr: settings.clusterCidr };
    const own = { directory: containerdDirectory(directory), ...network, exec, clock };
    await stopOwnContainerd(own, signal);
  }
  await unmountBelow(directory, exec, signal);
  await cleanUpProxy(context);
  if (settings.runtime === "docker") await removeNetwork(dockerSocket, `gantry-${settings.id}`, signal);
}

/** The network of the pods, which no runtime removes: other nodes of the cluster might need it. */
async function removeNetwork(socketPath: string, name: string, signal: AbortSignal): Promise<void> {
  const sent = request({ socketPath, method: "DELETE", path: `/networks/${name}`, signal }).end();
  const [received] = (await once(sent, "response")) as [IncomingMessage];
  received.resume();
  const status = received.statusCode ?? 0;
  if (status >= 400 && status !== 404)
    throw new ClusterError(`Docker refused to remove the network ${name} (${status}).`);
}
