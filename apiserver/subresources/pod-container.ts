// Which container of a pod a log, exec or attach request means, by Kubernetes' rules and in its words.

import type { Pod } from "../../api/core/pod.ts";
import { StatusError } from "../../api/meta/status.ts";

/** The named container, or the only one. Throws BadRequest. */
export function chooseContainer(pod: Pod, wanted: string | null): string {
  const containers = namesOf(pod.spec.containers);
  const initContainers = namesOf(pod.spec.initContainers);
  const podName = pod.metadata.name;
  if (wanted) {
    const all = [...containers, ...initContainers, ...namesOf(pod.spec.ephemeralContainers)];
    if (all.includes(wanted)) return wanted;
    throw new StatusError("BadRequest", `container ${wanted} is not valid for pod ${podName}`);
  }
  const only = containers[0];
  if (only !== undefined && containers.length === 1) return only;
  const choice = only === undefined ? "" : `, choose one of: [${containers.join(" ")}]`;
  const init =
    only !== undefined && initContainers.length > 0
      ? ` or one of the init containers: [${initContainers.join(" ")}]`
      : "";
  throw new StatusError("BadRequest", `a container name must be specified for pod ${podName}${choice}${init}`);
}

const namesOf = (containers: readonly { readonly name: string }[] | undefined) =>
  (containers ?? []).map((container) => container.name);
