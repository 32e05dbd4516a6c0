// Removes what a cluster leaves on the machine outside its data directory: its pods, its network, its packet rules. The
// cluster must not be running.

import { setMaxListeners } from "node:events";
import { silentLog } from "../lib/log.ts";
import type { ClusterIo } from "./cluster-commands.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import { nodeNames, openProxyBackend, openRuntime } from "./components.ts";

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
  await openProxyBackend(context).cleanup();
}
