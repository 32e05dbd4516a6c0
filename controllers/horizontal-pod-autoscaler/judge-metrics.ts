// What all metrics of an autoscaler together ask for: the one that asks for most counts. A metric that is not known lets the
// replicas grow on the word of the others, but never shrink.

import type { MetricStatus } from "../../api/autoscaling/metric-status.ts";
import type { MetricSpec } from "../../api/autoscaling/metric.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { FAILURES, failurePrefix, type MetricProposal } from "./propose.ts";
import { MetricError } from "./replica-calculator.ts";

/** A metric as it was found: what it asks for, or why it cannot be known. */
export type Finding = { readonly proposal: MetricProposal } | { readonly metric: MetricSpec; readonly problem: string };

export interface Judgement {
  /** Undefined where nothing can be decided. */
  readonly proposed?: { readonly replicas: number; readonly name: string };
  /** In the order of the spec. */
  readonly statuses: readonly MetricStatus[];
  /** Each metric that is not known, for its event. */
  readonly failures: readonly Failure[];
  /** All of them in a sentence; undefined where all are known. */
  readonly problem?: string;
}

export interface Failure {
  readonly reason: string;
  readonly message: string;
  readonly prefix: string;
}

/** Finds one metric; rejects with what is no metric's fault. */
export async function findMetric(metric: MetricSpec, finding: Promise<MetricProposal>): Promise<Finding> {
  try {
    return { proposal: await finding };
  } catch (error) {
    if (!(error instanceof MetricError)) throw error;
    return { metric, problem: errorMessage(error) };
  }
}

export function judgeMetrics(findings: readonly Finding[], currentReplicas: number): Judgement {
  const known = findings.flatMap((finding) => ("proposal" in finding ? [finding.proposal] : []));
  const failures = findings.flatMap((finding) =>
    "proposal" in finding
      ? []
      : [{ reason: FAILURES[finding.metric.type], message: finding.problem, prefix: failurePrefix(finding.metric) }],
  );
  const statuses = findings.map((finding) =>
    "proposal" in finding ? finding.proposal.status : { type: finding.metric.type },
  );
  const most = known.reduce<MetricProposal | undefined>(
    (best, each) => (best && best.replicas >= each.replicas ? best : each),
    undefined,
  );
  const [first] = failures;
  const problem =
    first &&
    `invalid metrics (${failures.length} invalid out of ${findings.length}), first error is: ${first.prefix}: ${first.message}`;
  const isDecided = most !== undefined && (!first || most.replicas >= currentReplicas);
  return { statuses, failures, ...(isDecided && { proposed: most }), ...(problem && { problem }) };
}
