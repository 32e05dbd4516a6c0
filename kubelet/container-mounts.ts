// What a container finds at its paths besides its image: volumes, the file for its last words, and the files of the pod.

import type { Container } from "../api/core/container.ts";
import type { Pod } from "../api/core/pod.ts";
import { errorMessage } from "../lib/error-message.ts";
import { mountPodFiles, type PodFilesDeps } from "./pod-files.ts";
import type { StartStep } from "./pod-state.ts";
import type { ContainerRuntime, Mount } from "./runtimes/runtime.ts";
import { configError } from "./step-error.ts";
import type { TerminationMessages } from "./termination-messages.ts";
import type { PodVolumes } from "./volumes/pod-volumes.ts";

export interface ContainerMountsDeps extends PodFilesDeps {
  readonly runtime: Pick<ContainerRuntime, "sharesFiles">;
  readonly volumes: PodVolumes;
  readonly messages: TerminationMessages;
}

export interface MountInputs {
  readonly environment: ReadonlyMap<string, string>;
  readonly podIP: string | undefined;
  readonly signal: AbortSignal;
}

export class ContainerMounts {
  readonly #deps: ContainerMountsDeps;

  constructor(deps: ContainerMountsDeps) {
    this.#deps = deps;
  }

  /** Throws StepError CreateContainerConfigError for what cannot be mounted. */
  async make(pod: Pod, step: StartStep, inputs: MountInputs): Promise<Mount[]> {
    const { container, attempt } = step;
    refuseUnsupported(container);
    const mounts = container.volumeMounts ?? [];
    const { messages, volumes, runtime } = this.#deps;
    const { environment, signal } = inputs;
    const request = { pod, container, environment, signal, sharesFiles: runtime.sharesFiles };
    const file = messages.createFile(pod.metadata.uid, container, attempt);
    try {
      return [
        ...(await Promise.all(mounts.map((mount) => volumes.mount({ ...request, mount })))),
        ...(file ? [{ hostPath: file, containerPath: container.terminationMessagePath ?? "" }] : []),
        ...(await mountPodFiles(pod, container, { deps: this.#deps, podIP: inputs.podIP })),
      ];
    } catch (error) {
      if (signal.aborted) throw error;
      throw configError(errorMessage(error));
    }
  }
}

/** What no runtime of ours can do is said, and not left out. */
function refuseUnsupported({ volumeMounts = [], volumeDevices = [] }: Container): void {
  const strict = volumeMounts.find(({ recursiveReadOnly }) => recursiveReadOnly === "Enabled");
  if (strict) {
    const problem = "requested recursive read-only mode, but it is not supported by the runtime";
    throw configError(`volume ${JSON.stringify(strict.name)} ${problem}`);
  }
  const [device] = volumeDevices;
  if (device) {
    const { name, devicePath } = device;
    throw configError(
      `volume ${JSON.stringify(name)} cannot be given to the container as the block device ${devicePath}: this kubelet mounts file systems only`,
    );
  }
}
