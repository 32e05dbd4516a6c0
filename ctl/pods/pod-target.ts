// Finds the pod that a command talks to: the one named, or the best of a workload's or a service's.

import type { Pod } from "../../api/core/pod.ts";
import { textAt } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { observeObjects, withinTime } from "../observe-object.ts";
import { parseResourceArguments } from "../resource-arguments.ts";
import { pathOfType, type ResourceType } from "../resource-type.ts";
import { fetchObject } from "../select-objects.ts";
import type { Session } from "../session.ts";
import { podSelectorOf, sortPods } from "./choose-pod.ts";

/** Every server has pods: it need not be asked for them. */
export const podType: ResourceType = {
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  singular: "pod",
  namespaced: true,
  verbs: [],
  shortNames: ["po"],
  categories: ["all"],
  subresources: [],
};

export interface PodSearch {
  /** What cannot be done with a kind that has no pods, as in `cannot get the logs from *v1.ConfigMap`. */
  readonly doing: string;
  /** How long a workload may take to have a pod. */
  readonly timeoutMs: number;
  /** For logs: of several, the one that restarted most. */
  readonly preferRestarted?: boolean;
}

export interface FoundPods {
  /** The best first; at least one. */
  readonly pods: readonly Pod[];
  readonly isNamed: boolean;
}

/** The pods behind `web`, `pod/web`, `deployment/web`, `service/web`. */
export async function findPods(session: Session, word: string, search: PodSearch): Promise<FoundPods> {
  const namespace = await session.namespace();
  const { type, name = "" } = await readWord(session, word);
  const object = await fetchObject(session, { type, namespace: type.namespaced ? namespace : undefined, name });
  if (type.plural === "pods" && type.group === "") return { pods: [object as unknown as Pod], isNamed: true };
  const labelSelector = podSelectorOf(object, search.doing);
  const pods = await waitForPods(session, { namespace, labelSelector, timeoutMs: search.timeoutMs });
  return { pods: sortPods(pods, search.preferRestarted ?? false), isNamed: false };
}

async function readWord(session: Session, word: string): Promise<{ type: ResourceType; name?: string }> {
  if (!word.includes("/")) return { type: podType, name: word };
  const [request] = await parseResourceArguments(await session.discovery(), [word]);
  return request ?? { type: podType, name: word };
}

interface PodSelection {
  readonly namespace: string;
  readonly labelSelector: string;
  readonly timeoutMs: number;
}

async function waitForPods(
  session: Session,
  { namespace, labelSelector, timeoutMs }: PodSelection,
): Promise<readonly Pod[]> {
  const found = await withinTime(session, timeoutMs, async (signal) => {
    for await (const pods of observeObjects(session, { type: podType, namespace, labelSelector }, signal)) {
      if (pods.size > 0) return [...pods.values()] as unknown as Pod[];
    }
    return undefined;
  });
  if (found) return found;
  throw new CommandError("timed out waiting for the condition");
}

/** All pods that a label selector picks, in the session's namespace or in all. */
export async function listPods(
  session: Session,
  query: { readonly labelSelector?: string; readonly fieldSelector?: string; readonly namespace: string | undefined },
): Promise<readonly Pod[]> {
  const server = await session.server();
  const { namespace, ...selectors } = query;
  const path = pathOfType(podType, { namespace });
  const answer = (await server.call({ method: "GET", path, query: selectors })) as { items: readonly Pod[] | null };
  return answer.items ?? [];
}

/** Throws CommandError for a pod that has run to its end: nothing can be started in it. */
export function requireUnfinished(pod: Pod): void {
  const phase = textAt(pod, "status", "phase");
  if (phase === "Succeeded" || phase === "Failed") {
    throw new CommandError(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  }
}
