// Asks the extenders that look after a pod which of the nodes that the rules allow will do, and how well.

import type { Pod } from "../../api/core/pod.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { Log } from "../../lib/log.ts";
import type { RankedNode } from "../pod-class.ts";
import type { Extender } from "./extender.ts";

export interface Consultation {
  readonly pod: Pod;
  /** Nodes that the rules allow, with their points. */
  readonly ranked: readonly RankedNode[];
  readonly extenders: readonly Extender[];
  readonly log: Log;
}

export interface Advice {
  /** The nodes that will do, the best first; equals keep their order. */
  readonly best: readonly string[];
  /** Why the others will not. */
  readonly failed: ReadonlyMap<string, string>;
}

/** Rejects when an extender that must be heard cannot be. */
export async function consult(consultation: Consultation, signal: AbortSignal): Promise<Advice> {
  const failed = new Map<string, string>();
  const left = await filterNodes(consultation, failed, signal);
  const points = left.length > 1 ? await prioritizeNodes({ ...consultation, ranked: left }, signal) : new Map();
  const pointsOf = ({ node, points: own }: RankedNode) => own + ((points.get(node.name) as number | undefined) ?? 0);
  const best = [...left].sort((a, b) => pointsOf(b) - pointsOf(a)).map(({ node }) => node.name);
  return { best, failed };
}

async function filterNodes(
  { pod, ranked, extenders, log }: Consultation,
  failed: Map<string, string>,
  signal: AbortSignal,
): Promise<readonly RankedNode[]> {
  let left = ranked;
  for (const extender of extenders) {
    if (left.length === 0) break;
    try {
      const nodes = left.map(({ node }) => node.node);
      const answer = await extender.filter(pod, nodes, signal);
      for (const [name, reason] of answer.failed) failed.set(name, reason);
      left = left.filter(({ node }) => answer.feasible.has(node.name));
    } catch (error) {
      if (!extender.isIgnorable) throw error;
      log.warn("An extender does not answer; pods are scheduled without it", { error: errorMessage(error) });
    }
  }
  return left;
}

/** An extender that does not answer adds nothing, as in Kubernetes. */
async function prioritizeNodes(
  { pod, ranked, extenders, log }: Consultation,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const nodes = ranked.map(({ node }) => node.node);
  const answers = await Promise.all(
    extenders.map((extender) =>
      extender.prioritize(pod, nodes, signal).catch((error: unknown) => {
        log.warn("An extender does not score; its scores are left out", { error: errorMessage(error) });
        return new Map<string, number>();
      }),
    ),
  );
  const sums = new Map<string, number>();
  for (const answer of answers) for (const [name, points] of answer) sums.set(name, (sums.get(name) ?? 0) + points);
  return sums;
}
