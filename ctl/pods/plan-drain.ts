// Which of a node's pods a drain evicts, leaves, or must not touch without being told to. Pure; the rules are kubectl's.

import type { Pod } from "../../api/core/pod.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import { controllerOf } from "../../api/meta/owner.ts";

export interface DrainOptions {
  readonly force: boolean;
  readonly ignoreDaemonSets: boolean;
  readonly deleteEmptyDirData: boolean;
  /** Pods that have been terminating for longer are left; 0 leaves none. */
  readonly skipTerminatingSeconds: number;
  readonly nowMs: number;
}

export interface DrainPlan {
  readonly evict: readonly Pod[];
  /** What the user should know: one text for each reason, with the pods that it holds for. */
  readonly warnings: readonly string[];
  /** Why the node cannot be drained; nothing may be evicted unless this is empty. */
  readonly refusals: readonly string[];
}

type Verdict =
  | { readonly kind: "evict"; readonly warning?: string }
  | { readonly kind: "leave"; readonly warning?: string }
  | { readonly kind: "refuse"; readonly reason: string };

export function planDrain(pods: readonly Pod[], options: DrainOptions): DrainPlan {
  const judged = pods.map((pod) => ({ pod, verdict: judge(pod, options) }));
  const warned = new Map<string, string[]>();
  const refused = new Map<string, string[]>();
  const note = (texts: Map<string, string[]>, text: string, { metadata }: Pod) =>
    texts.set(text, [...(texts.get(text) ?? []), `${metadata.namespace}/${metadata.name}`]);
  for (const { pod, verdict } of judged) {
    if (verdict.kind === "refuse") note(refused, verdict.reason, pod);
    else if (verdict.warning) note(warned, verdict.warning, pod);
  }
  const render = (texts: Map<string, string[]>) => [...texts].map(([text, names]) => `${text}: ${names.join(", ")}`);
  return {
    evict: judged.filter(({ verdict }) => verdict.kind === "evict").map(({ pod }) => pod),
    warnings: render(warned),
    refusals: render(refused).map((text) => `cannot delete ${text}`),
  };
}

function judge(pod: Pod, options: DrainOptions): Verdict {
  // 1. A pod that is on its way out for long hangs on something that a drain cannot end.
  if (isTerminatingTooLong(pod, options)) return { kind: "leave" };
  // 2. A daemon set would put its pod back on the cordoned node at once.
  if (controllerOf(pod)?.kind === "DaemonSet" && !isPodTerminal(pod)) return judgeDaemon(options);
  // 3. The node itself runs mirrored pods, whatever the API says.
  if (isMirrored(pod)) return { kind: "leave" };
  if (isPodTerminal(pod)) return { kind: "evict" };
  // 4. Data in an emptyDir goes with the pod.
  if (hasLocalData(pod) && !options.deleteEmptyDirData) {
    return { kind: "refuse", reason: "Pods with local storage (use --delete-emptydir-data to override)" };
  }
  // 5. Nobody puts back a pod without a controller.
  if (controllerOf(pod)) return { kind: "evict" };
  return options.force
    ? { kind: "evict", warning: "deleting Pods that declare no controller" }
    : { kind: "refuse", reason: "cannot delete Pods that declare no controller (use --force to override)" };
}

function isTerminatingTooLong({ metadata }: Pod, { skipTerminatingSeconds, nowMs }: DrainOptions): boolean {
  const { deletionTimestamp } = metadata;
  if (skipTerminatingSeconds <= 0 || !deletionTimestamp) return false;
  return nowMs - Date.parse(deletionTimestamp) > skipTerminatingSeconds * 1000;
}

const isMirrored = ({ metadata }: Pod) => metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined;
const hasLocalData = ({ spec }: Pod) => spec.volumes?.some(({ emptyDir }) => emptyDir !== undefined) ?? false;

const judgeDaemon = ({ ignoreDaemonSets }: DrainOptions): Verdict =>
  ignoreDaemonSets
    ? { kind: "leave", warning: "ignoring DaemonSet-managed Pods" }
    : { kind: "refuse", reason: "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)" };
