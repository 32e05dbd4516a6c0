// The container that exec, attach and logs talk to, and what the user is told about it.

import type { Pod } from "../../api/core/pod.ts";
import type { CommandIo } from "../command-io.ts";
import { defaultContainer } from "./choose-pod.ts";

export interface ContainerWish {
  readonly container?: string;
  readonly quiet?: boolean;
}

/** The container named, else the pod's default one. The server refuses names that the pod does not have. */
export function chooseContainer(io: CommandIo, pod: Pod, { container, quiet }: ContainerWish): string {
  if (container) return container;
  const { name, notice } = defaultContainer(pod);
  if (notice && !quiet) io.err(`${notice}\n`);
  return name;
}
