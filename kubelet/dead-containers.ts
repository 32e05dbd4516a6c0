// Containers that nobody will start again: those of pods that have ended and are kept in the API. Their logs go with them,
// so that they are removed only when the node needs the room.

import type { Pod } from "../api/core/pod.ts";
import { isTerminalPhase } from "./pod-phase.ts";
import type { RuntimeSnapshot } from "./runtime-snapshot.ts";
import type { ContainerRuntime } from "./runtimes/runtime.ts";

export interface DeadContainerSources {
  readonly snapshot: Pick<RuntimeSnapshot, "get" | "refresh">;
  readonly runtime: Pick<ContainerRuntime, "removeContainer">;
}

/** How the containers ended is in the pods' status, and stays there. */
export async function removeDeadContainers(
  { snapshot, runtime }: DeadContainerSources,
  pods: readonly Pod[],
  signal: AbortSignal,
): Promise<void> {
  const ended = pods.filter(({ status }) => isTerminalPhase(status.phase));
  const dead = ended.flatMap(({ metadata }) => snapshot.get(metadata.uid)?.containers ?? []);
  await Promise.all(
    dead.filter(({ state }) => state === "exited").map(({ id }) => runtime.removeContainer(id, signal)),
  );
  if (dead.length > 0) await snapshot.refresh();
}
