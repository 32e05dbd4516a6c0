// Whether the disruption budgets let a pod go, and what its going costs them. The rules are those of Kubernetes' eviction API.

import { findCondition } from "../../api/meta/condition-list.ts";
import { matchesSelector, selectorOf } from "../../api/meta/selector.ts";
import { forbidden, StatusError } from "../../api/meta/status.ts";
import { isPodReady, isPodTerminal } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { conditionsOfCount, DISRUPTION_ALLOWED, SYNC_FAILED } from "../../api/policy/disruption-allowed.ts";
import {
  podDisruptionBudgets,
  type PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
} from "../../api/policy/pod-disruption-budget.ts";
import { formatTime } from "../../lib/clock.ts";
import type { Draft } from "../registry/draft.ts";
import { planPut } from "../registry/plan-write.ts";
import { objectOf, type View } from "../registry/view.ts";
import type { Server } from "../server.ts";

/** Evictions whose pods the controller has not seen go yet: with more of them it is in trouble, and nothing is evicted. */
const UNCONFIRMED_MAX = 2000;

/**
 * What is to be checked and written together with the pod's deletion. Throws TooManyRequests where the budget would be
 * broken, Forbidden for a budget in an impossible state, and an error without a reason where several budgets count the pod.
 */
export async function chargeBudget(server: Server, pod: Pod, view: View): Promise<readonly Partial<Draft>[]> {
  if (isFree(pod)) return [];
  const served = server.resources.require(podDisruptionBudgets);
  const all = await view.list(served, pod.metadata.namespace);
  const [entry, another] = all.filter((each) => counts(objectOf<PodDisruptionBudget>(each), pod));
  if (another) {
    throw new StatusError(
      "Unknown",
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    );
  }
  if (!entry) return [];
  const budget = objectOf<PodDisruptionBudget>(entry);
  const { namespace, name } = budget.metadata;
  const now = formatTime(server.clock.now());
  const status = planCharge(budget, pod, now);
  // The decision rests on this version of the budget, whether it is charged or not.
  const check = { checks: [{ key: entry.key, revision: entry.revision }] };
  if (status === undefined) return [check];
  const charged: PodDisruptionBudget = { ...budget, status };
  const { draft } = await planPut(served, { key: { namespace, name }, old: entry, object: charged }, { view });
  return draft ? [draft] : [check];
}

/** Pods that have not run yet, have ended or are on their way out disrupt nothing by going. */
const isFree = (pod: Pod) =>
  isPodTerminal(pod) || pod.status.phase === "Pending" || pod.metadata.deletionTimestamp !== undefined;

/** No budget counts a pod without labels, whatever it selects. */
function counts(budget: PodDisruptionBudget, { metadata: { labels = {} } }: Pod): boolean {
  return Object.keys(labels).length > 0 && matchesSelector(selectorOf(budget.spec.selector), labels);
}

/** The budget's status after the pod's eviction; undefined where that costs it nothing. Throws as chargeBudget does. */
export function planCharge(budget: PodDisruptionBudget, pod: Pod, now: string): PodDisruptionBudgetStatus | undefined {
  if (!isPodReady(pod) && mayLoseUnready(budget)) return undefined;
  const { status, metadata } = budget;
  const { disruptedPods = {} } = status;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) throw notYet(metadata.name);
  if (status.disruptionsAllowed < 0) throw impossible(metadata.name, "pdb disruptions allowed is negative");
  if (Object.keys(disruptedPods).length > UNCONFIRMED_MAX) {
    const problem = "DisruptedPods map too big - too many evictions not confirmed by PDB controller";
    throw impossible(metadata.name, problem);
  }
  if (status.disruptionsAllowed === 0) throw wouldBreak(budget);
  const charged = {
    ...status,
    disruptionsAllowed: status.disruptionsAllowed - 1,
    disruptedPods: { ...disruptedPods, [pod.metadata.name]: now },
  };
  return charged.disruptionsAllowed > 0 ? charged : { ...charged, conditions: conditionsOfCount(charged, now) };
}

/** A pod that is not ready counts for nothing: it may go where its budget says so, or has all that it wants. */
function mayLoseUnready({ spec, status: { currentHealthy, desiredHealthy } }: PodDisruptionBudget): boolean {
  return spec.unhealthyPodEvictionPolicy === "AlwaysAllow" || (desiredHealthy > 0 && currentHealthy >= desiredHealthy);
}

const impossible = (name: string, problem: string) =>
  forbidden({ ...podDisruptionBudgets, plural: "poddisruptionbudget" }, name, problem);

/** After how long to ask again is anybody's guess; this keeps clients from asking all the time. */
const notYet = (name: string) =>
  tooMany(`The disruption budget ${name} is still being processed by the server.`, { retryAfterSeconds: 10 });

function wouldBreak({ metadata: { name }, status }: PodDisruptionBudget): StatusError {
  const failed = findCondition(status.conditions, DISRUPTION_ALLOWED);
  if (failed?.status === "False" && failed.reason === SYNC_FAILED) {
    const why = `it failed sync: ${failed.message}`;
    return tooMany(`The disruption budget ${name} does not allow evicting pods currently because ${why}`);
  }
  const { desiredHealthy, currentHealthy } = status;
  return tooMany(
    `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
  );
}

function tooMany(cause: string, retry: { readonly retryAfterSeconds?: number } = {}): StatusError {
  const causes = [{ reason: "DisruptionBudget", message: cause }];
  const message = "Cannot evict pod as it would violate the pod's disruption budget.";
  return new StatusError("TooManyRequests", message, { details: { causes, ...retry } });
}
