// Says why a pod is pending, and what is the smallest change with which it would not be. Pure: the scheduler's own rules are
// asked about the cluster as it is, and about the cluster as it would be, so that nothing is suggested that has not been tried.

import { isPodTerminal, podCondition } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { formatKey, keyOf } from "../../api/meta/object.ts";
import { PodInfo } from "../pod-info.ts";
import { checkPlaced } from "./after-placement.ts";
import { checksBeforeRules } from "./before-rules.ts";
import { checkRules } from "./check-rules.ts";
import { applyEdits, findPod, type ClusterView, type Edit } from "./cluster-view.ts";
import type { Obstacle, Remedy } from "./obstacle.ts";
import { buildPicture } from "./picture.ts";

export interface Explanation {
  /** `namespace/name`. */
  readonly pod: string;
  /** One word, for programs; `None` where nothing keeps the pod. */
  readonly cause: string;
  /** The rest is in whole sentences. */
  readonly summary: string;
  readonly evidence: readonly string[];
  /** The smallest change first; each has been tried on the cluster as it is. */
  readonly changes: readonly Change[];
  /** What may help, and nobody can try out. */
  readonly advice: readonly Change[];
}

export interface Change {
  /** What to do, step by step. */
  readonly steps: readonly { readonly text: string; readonly command?: string }[];
  readonly edits: readonly Edit[];
}

const CHANGES_MAX = 3;
const STEPS_MAX = 3;
/** Clusters that are tried. */
const TRIALS_MAX = 60;

/** Throws where the view has no such pod. */
export function explainPending(view: ClusterView, key: string): Explanation {
  const pod = findPod(view, key);
  if (!pod) throw new Error(`there is no pod ${key}`);
  const obstacle = findObstacle(view, key);
  if (!obstacle) return { pod: key, ...explainNothing(pod), changes: [], advice: [] };
  const { cause, summary, evidence, advice = [] } = obstacle;
  const changes = findChanges({ view, key, obstacle });
  return { pod: key, cause, summary, evidence, changes, advice: advice.map((remedy) => changeOf([remedy])) };
}

function explainNothing(pod: Pod): Pick<Explanation, "cause" | "summary" | "evidence"> {
  const { nominatedNodeName } = pod.status;
  const said = podCondition(pod, "PodScheduled");
  const evidence = said?.status === "False" && said.message ? [`The scheduler said last: ${said.message}`] : [];
  if (pod.metadata.deletionTimestamp)
    return { cause: "Terminating", summary: "The pod is being deleted, and gets no node any more.", evidence };
  if (isPodTerminal(pod)) return { cause: "Finished", summary: "The pod has run to its end.", evidence };
  if (pod.spec.nodeName)
    return {
      cause: "None",
      summary: `The pod has the node ${pod.spec.nodeName}, and nothing keeps it there from running.`,
      evidence,
    };
  if (nominatedNodeName) {
    const summary = `The pod is about to get node ${nominatedNodeName}: pods of lower priority are leaving it.`;
    return { cause: "Preempting", summary, evidence };
  }
  const summary =
    "Nothing keeps the pod from being scheduled now: it will be tried again within moments, if a scheduler runs.";
  return { cause: "None", summary, evidence };
}

/** The first thing that keeps the pod from running; undefined: nothing does. */
export function findObstacle(view: ClusterView, key: string): Obstacle | undefined {
  const pod = findPod(view, key);
  if (!pod || pod.metadata.deletionTimestamp || isPodTerminal(pod)) return undefined;
  const picture = buildPicture(view);
  const info = new PodInfo(pod);
  const checks = pod.spec.nodeName ? [checkPlaced] : [...checksBeforeRules, checkRules];
  for (const check of checks) {
    const obstacle = check(info, picture);
    if (obstacle) return obstacle;
  }
  return undefined;
}

interface Trial {
  readonly view: ClusterView;
  readonly key: string;
  readonly obstacle: Obstacle;
  readonly steps?: readonly Remedy[];
}

interface Open {
  readonly view: ClusterView;
  readonly steps: readonly Remedy[];
  readonly cost: number;
}

/** Cheapest first: what a remedy leads to is tried, and where something else is then in the way, remedies of that. */
function findChanges({ view, key, obstacle }: Trial): readonly Change[] {
  const found: (readonly Remedy[])[] = [];
  const seen = new Set<string>();
  let open: Open[] = extend({ view, steps: [], cost: 0 }, obstacle, seen);
  for (let trials = 0; open.length > 0 && trials < TRIALS_MAX && found.length < CHANGES_MAX; trials++) {
    open.sort((a, b) => a.cost - b.cost);
    const [next, ...rest] = open;
    open = rest;
    if (!next || found.some((steps) => steps.every((step) => next.steps.some(({ text }) => text === step.text))))
      continue;
    const tried = applyEdits(next.view, next.steps.at(-1)?.edits ?? []);
    const left = findObstacle(tried, key);
    if (!left) found.push(next.steps);
    else if (next.steps.length < STEPS_MAX) open.push(...extend({ ...next, view: tried }, left, seen));
  }
  return found.map(changeOf);
}

function extend({ view, steps, cost }: Open, { remedies }: Obstacle, seen: Set<string>): Open[] {
  return remedies.flatMap((remedy) => {
    const next = [...steps, remedy];
    const id = next
      .map(({ text }) => text)
      .sort()
      .join("\n");
    if (seen.has(id)) return [];
    seen.add(id);
    return [{ view, steps: next, cost: cost + remedy.cost }];
  });
}

/** Steps that change the same object are one edit of it. */
function changeOf(steps: readonly Remedy[]): Change {
  const edits = new Map<string, Edit>();
  for (const each of steps.flatMap((step) => step.edits)) {
    const id = `${each.kind} ${formatKey(keyOf(each.object))}`;
    const before = edits.get(id);
    edits.set(id, before && each.verb === "update" ? { ...each, verb: before.verb } : each);
  }
  return {
    steps: steps.map(({ text, command }) => ({ text, ...(command && { command }) })),
    edits: [...edits.values()],
  };
}
