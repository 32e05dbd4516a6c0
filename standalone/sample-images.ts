// Makes the images of the sample application on this machine, for the cluster in a data directory.

import { setMaxListeners } from "node:events";
import { ensureSampleImages } from "../kubelet/runtimes/sample-images.ts";
import { silentLog } from "../lib/log.ts";
import type { ClusterIo } from "./cluster-commands.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import { nodeNames, openRuntime } from "./components.ts";

export interface SampleOptions {
  readonly directory: string;
  readonly settings: ClusterSettings;
  /** The folder that holds the sample's server.mjs: manifests/hello. */
  readonly helloDirectory: string;
}

/** All nodes of this machine share its images. Repeating it costs a few milliseconds. */
export async function makeSampleImages(
  { directory, settings, helloDirectory }: SampleOptions,
  io: ClusterIo,
): Promise<void> {
  const { clock, exec, dockerSocket, signal } = io;
  setMaxListeners(0, signal);
  const [nodeName = ""] = nodeNames(settings);
  const { images } = await openRuntime({ directory, settings, dockerSocket, clock, log: silentLog }, nodeName, signal);
  await ensureSampleImages(images, { nodePath: process.execPath, helloDirectory, exec }, signal);
}
