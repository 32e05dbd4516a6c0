// The container runtimes that there are. A new one is a new file and one entry here. Each is loaded when it is chosen, so
// that nobody pays for the others.

import type { Clock } from "../../lib/clock.ts";
import { systemExec } from "../../lib/exec.ts";
import type { Log } from "../../lib/log.ts";
import { isRuntimeError } from "./runtime-error.ts";
import type { ContainerRuntime } from "./runtime.ts";

export interface RuntimeOptions {
  /** Tells clusters apart that share a machine: letters, digits and `-`; the same for all nodes of a cluster, for ever. */
  readonly cluster: string;
  readonly node: string;
  /** The addresses of the pods that this machine's Docker Engine runs, such as `10.244.0.0/16`. */
  readonly podCidr: string;
  /** Where a runtime may keep what belongs to this node; absolute. */
  readonly stateDirectory: string;
  /** Where images are described for pods that run as processes; the cluster's nodes on one machine share it. */
  readonly imagesDirectory: string;
  /** `/var/run/docker.sock` unless given. */
  readonly dockerSocket?: string;
  /** Where containerd listens, such as `unix:///run/containerd/containerd.sock`. */
  readonly runtimeEndpoint?: string;
  /** Where a containerd of the cluster's own is kept, which is started unless an endpoint is given; absolute. */
  readonly containerdDirectory?: string;
  readonly clock: Clock;
  readonly log: Log;
}

export type RuntimeKind = "docker" | "containerd" | "process" | "fake";

type CreateRuntime = (options: RuntimeOptions, signal: AbortSignal) => Promise<ContainerRuntime>;

export const runtimes: Readonly<Record<RuntimeKind, CreateRuntime>> = {
  docker: async (options, signal) => {
    const { createDockerRuntime } = await import("./docker.ts");
    const { podCidr, dockerSocket, ...rest } = options;
    const network = { name: `gantry-${options.cluster}`, subnet: podCidr };
    return createDockerRuntime({ ...rest, network, socketPath: dockerSocket }, signal);
  },
  containerd: async (options, signal) => {
    const { createContainerdRuntime } = await import("./cri/containerd.ts");
    const { startOwnContainerd } = await import("./cri/own-containerd.ts");
    const { runtimeEndpoint, containerdDirectory, ...rest } = options;
    const exec = systemExec();
    const endpoint =
      runtimeEndpoint ??
      (containerdDirectory && (await startOwnContainerd({ ...rest, exec, directory: containerdDirectory }, signal)));
    return createContainerdRuntime({ ...rest, exec, endpoint }, signal);
  },
  process: async (options) => {
    const { createProcessRuntime } = await import("./process.ts");
    return createProcessRuntime(options);
  },
  fake: async ({ clock }) => {
    const { FakeRuntime } = await import("./fake.ts");
    return new FakeRuntime({ clock });
  },
};

/** `auto` is Docker where it answers, else processes. Throws a RuntimeError with a sentence for the user. */
export async function createRuntime(
  kind: RuntimeKind | "auto",
  options: RuntimeOptions,
  signal: AbortSignal,
): Promise<ContainerRuntime> {
  if (kind !== "auto") return runtimes[kind](options, signal);
  try {
    return await runtimes.docker(options, signal);
  } catch (error) {
    if (!isRuntimeError(error, "Unavailable")) throw error;
    options.log.info("Docker does not answer: pods run as plain processes", { reason: error.message });
    return runtimes.process(options, signal);
  }
}
