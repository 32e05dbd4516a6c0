// The images that the suite's pods use, made on this machine for the runtime of the cluster under test.

import { join } from "node:path";
import { createRuntime, type RuntimeKind } from "../kubelet/runtimes/index.ts";
import { ensureSampleImages } from "../kubelet/runtimes/sample-images.ts";
import { systemClock } from "../lib/clock.ts";
import { systemExec } from "../lib/exec.ts";
import { silentLog } from "../lib/log.ts";
import { projectRoot } from "../testing/source-tree.ts";

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
    clock: systemClock(),
    log: silentLog,
  };
  const runtime = await createRuntime(kind, options, stop.signal);
  const helloDirectory = join(projectRoot, "manifests/hello");
  await ensureSampleImages(
    runtime.images,
    { nodePath: process.execPath, helloDirectory, exec: systemExec() },
    stop.signal,
  );
  stop.abort();
}
