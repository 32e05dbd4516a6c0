// A directory of an NFS server, mounted by the node's own `mount -t nfs`.

import { promises as fs } from "node:fs";
import { isIPv6 } from "node:net";
import { mount } from "./mount-program.ts";
import type { NodeVolume, VolumePlugin } from "./volume-plugin.ts";

export const nfsVolume: VolumePlugin = {
  source: "nfs",
  path: (_volume, directory) => directory,
  isReadOnly: ({ nfs }) => nfs?.readOnly ?? false,
  async setUp(volume, context) {
    const { directory, isMounted } = context;
    if (await isMounted()) return;
    await fs.mkdir(directory, { recursive: true, mode: 0o750 });
    await mount(nfsArguments(volume, directory), context);
  },
};

export function nfsArguments({ nfs, persistent }: NodeVolume, directory: string): readonly string[] {
  const { server = "", path = "", readOnly = false } = nfs ?? {};
  const options = [...(readOnly || persistent?.readOnly ? ["ro"] : []), ...(persistent?.mountOptions ?? [])];
  const host = isIPv6(server) ? `[${server}]` : server;
  return ["-t", "nfs", ...(options.length > 0 ? ["-o", options.join(",")] : []), `${host}:${path}`, directory];
}
