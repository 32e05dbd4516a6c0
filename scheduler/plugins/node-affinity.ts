// The node's labels are what the pod's nodeSelector and required node affinity ask for, and what the configuration asks for on
// behalf of all pods; nodes that match more of the preferred terms, by weight, are better.

import type { NodeAffinity } from "../../api/core/affinity.ts";
import { matchesNodeAffinity, nodeMatchesSelector, nodeMatchesTerm } from "../../api/core/node-affinity.ts";
import type { Pod } from "../../api/core/pod.ts";
import { defaultPluginArgs, type NodeAffinityArgs } from "../configuration/plugin-args.ts";
import { unresolvable, type NodeJudge, type SchedulerPlugin } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";

const REJECTION = unresolvable("node(s) didn't match Pod's node affinity/selector");
const ADDED_REJECTION = unresolvable("node(s) didn't match scheduler-enforced node affinity");
const CONFLICT = "pod affinity terms conflict";

export function buildNodeAffinity({ addedAffinity }: NodeAffinityArgs): SchedulerPlugin {
  const added = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const preferredOf = (affinity: NodeAffinity | undefined) =>
    affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return {
    name: "NodeAffinity",
    weight: 2,
    unblockedBy: ["NodeAdded", "NodeLabels"],
    prepare({ pod }): NodeJudge {
      const affinity = pod.spec.affinity?.nodeAffinity;
      const preferred = [...preferredOf(addedAffinity), ...preferredOf(affinity)];
      const required = pod.spec.nodeSelector ?? affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? added;
      const nodeNames = namesOf(affinity);
      if (nodeNames?.size === 0) return { refusal: CONFLICT };
      const filter = ({ node }: NodeInfo) => {
        if (added && !nodeMatchesSelector(added, node)) return ADDED_REJECTION;
        return matchesNodeAffinity(pod, node) ? undefined : REJECTION;
      };
      return {
        ignoresPods: true,
        ...(nodeNames && { nodeNames }),
        ...(required && { filter }),
        ...(preferred.length > 0 && {
          scale: "most is best",
          score: ({ node }) =>
            preferred.reduce(
              (sum, { weight, preference }) => sum + (nodeMatchesTerm(preference, node) ? weight : 0),
              0,
            ),
        }),
      };
    },
  };
}

/** As it works where nothing is set. */
export const nodeAffinity = buildNodeAffinity(defaultPluginArgs.NodeAffinity);

type RequiredTerm = NonNullable<
  NodeAffinity["requiredDuringSchedulingIgnoredDuringExecution"]
>["nodeSelectorTerms"][number];

/** The nodes that the pod names, as those of a DaemonSet do; undefined: it may go to nodes that it does not name. */
function namesOf(affinity: NonNullable<Pod["spec"]["affinity"]>["nodeAffinity"]): ReadonlySet<string> | undefined {
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const perTerm = terms.map(namesOfTerm);
  if (perTerm.length === 0 || perTerm.includes(undefined)) return undefined;
  // A term whose own requirements exclude one another is an error of the whole, as in Kubernetes.
  if (perTerm.some((names) => names?.length === 0)) return new Set();
  return new Set(perTerm.flatMap((names) => names ?? []));
}

function namesOfTerm({ matchFields = [] }: RequiredTerm): readonly string[] | undefined {
  const lists = matchFields
    .filter(({ key, operator }) => key === "metadata.name" && operator === "In")
    .map(({ values = [] }) => values);
  const [first, ...others] = lists;
  return first?.filter((name) => others.every((names) => names.includes(name)));
}
