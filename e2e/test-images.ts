// The images that the suite's pods use, made on this machine for the runtime of the cluster under test.

import { join } from "node:path";
import { openContainerd } from "../kubelet/runtimes/cri/containerd.ts";
import { startOwnContainerd } from "../kubelet/runtimes/cri/own-containerd.ts";
import type { ImageStore } from "../kubelet/runtimes/image-store.ts";
import { createRuntime, type RuntimeKind, type RuntimeOptions } from "../kubelet/runtimes/index.ts";
import { ensureSampleImages } from "../kubelet/runtimes/sample-images.ts";
import { systemClock } from "../lib/clock.ts";
import { systemExec } from "../lib/exec.ts";
import { silentLog } from "../lib/log.ts";
import { projectRoot } from "../testing/source-tree.ts";

type TestRuntimeOptions = RuntimeOptions & { readonly containerdDirectory: string };

/** A containerd of the cluster's own is started for it, but its network is left to the cluster. */
async function openImages(kind: RuntimeKind, options: TestRuntimeOptions, signal: AbortSignal): Promise<ImageStore> {
  if (kind !== "containerd") return (await createRuntime(kind, options, signal)).images;
  const exec = systemExec();
  const endpoint = await startOwnContainerd({ ...options, exec, directory: options.containerdDirectory }, signal);
  return (await openContainerd({ ...options, exec, endpoint }, signal)).images;
}

/** `directory`: the cluster's data directory, where the process runtime keeps its images. `dockerSocket`: the usual one unless given. */
export async function makeTestImages(kind: RuntimeKind, directory: string, dockerSocket?: string): Promise<void> {
  const stop = new AbortController();
  const options = {
    cluster: "e2e-images",
    node: "none",
    podCidr: "10.221.0.0/16",
    stateDirectory: join(directory, "image-builder"),
    imagesDirectory: join(directory, "images"),
    dockerSocket,
    containerdDirectory: join(directory, "containerd"),
    clock: systemClock(),
    log: silentLog,
  };
  const images = await openImages(kind, options, stop.signal);
  const helloDirectory = join(projectRoot, "manifests/hello");
  await ensureSampleImages(images, { nodePath: process.execPath, helloDirectory, exec: systemExec() }, stop.signal);
  stop.abort();
}
