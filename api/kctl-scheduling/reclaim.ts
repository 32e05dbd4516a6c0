// Reclamation: what running pods have reserved and do not use is lent to pods of the best-effort band that ask for it. It has an
// account of its own: two further resources of the node, beside `cpu` and `memory`, which keep their meaning for everybody else. Pure.

import { isPodTerminal } from "../core/pod-state.ts";
import { podRequests, resourceAmounts, type ResourceAmounts } from "../core/pod-resources.ts";
import type { Node } from "../core/node.ts";
import type { Pod } from "../core/pod.ts";
import { findCondition } from "../meta/condition-list.ts";
import type { NodeMetrics } from "../metrics/node-metrics.ts";
import type { PodMetrics } from "../metrics/pod-metrics.ts";
import { parseDurationMs } from "../../lib/duration.ts";

/** In thousandths of a core, as devices come in whole pieces. */
export const RECLAIMED_CPU = "scheduling.kctl.dev/reclaimed-cpu";
/** In bytes. */
export const RECLAIMED_MEMORY = "scheduling.kctl.dev/reclaimed-memory";

/** Of what the node offers, this part is never lent: what is used can grow faster than pods can be ended. */
const MARGIN = 0.1;
/** A report that is older says nothing any more. */
export const REPORT_VALID_MS = 60_000;
/** Room is lent in such steps, so that a usage that wavers changes nothing. */
const CPU_STEP_MILLIS = 50;
const MEMORY_STEP_BYTES = 64 * 2 ** 20;

interface Lent {
  readonly resource: string;
  readonly of: "cpu" | "memory";
  readonly step: number;
}

const LENT: readonly Lent[] = [
  { resource: RECLAIMED_CPU, of: "cpu", step: CPU_STEP_MILLIS },
  { resource: RECLAIMED_MEMORY, of: "memory", step: MEMORY_STEP_BYTES },
];

/** What all on a node that does not run on reclaimed resources used lately. */
export interface UsageReport {
  readonly amounts: ResourceAmounts;
  /** The stretch of time that it is about. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** `borrowers`: what the node's pods on reclaimed resources used; what is not known counts as if it was others' use. */
export function usageReport(
  node: Pick<NodeMetrics, "usage" | "timestamp" | "window">,
  borrowers: readonly Pick<PodMetrics, "containers">[],
): UsageReport {
  const amounts: Record<string, number> = { ...resourceAmounts(node.usage) };
  for (const { containers = [] } of borrowers) {
    for (const { usage } of containers) {
      for (const [resource, amount] of Object.entries(resourceAmounts(usage))) {
        amounts[resource] = Math.max(0, (amounts[resource] ?? 0) - amount);
      }
    }
  }
  const untilMs = Date.parse(node.timestamp);
  return { amounts, fromMs: untilMs - (parseDurationMs(node.window) ?? 0), untilMs };
}

/** What the pod takes of reclaimed resources; undefined for all but a few. */
export function reclaimedBy(pod: Pick<Pod, "spec">): ResourceAmounts | undefined {
  const requests = podRequests(pod);
  const taken = LENT.filter(({ resource }) => (requests[resource] ?? 0) > 0);
  if (taken.length === 0) return undefined;
  return Object.fromEntries(taken.map(({ resource }) => [resource, requests[resource] ?? 0]));
}

export interface Reclamation {
  /** What the node offers of each reclaimed resource. */
  readonly offered: ResourceAmounts;
  /** Pods to end, because more is lent than that: of the lowest priority first, and of those the youngest. */
  readonly victims: readonly Pod[];
}

export interface ReclamationInput {
  readonly node: Node;
  readonly placed: readonly Pod[];
  /** Undefined: nothing is known. */
  readonly report: UsageReport | undefined;
  readonly nowMs: number;
}

export function planReclamation({ node, placed, report, nowMs }: ReclamationInput): Reclamation {
  const running = placed.filter((pod) => !isPodTerminal(pod));
  const isKnown = report !== undefined && nowMs - report.untilMs < REPORT_VALID_MS;
  const offered = isKnown ? offerOf(node, running, report) : nothing();
  return { offered, victims: chooseVictims(running, offered) };
}

const nothing = (): ResourceAmounts => Object.fromEntries(LENT.map(({ resource }) => [resource, 0]));

/** A pod that came in that stretch of time, or later, counts with what it requests. */
function offerOf({ status }: Node, running: readonly Pod[], { amounts, fromMs }: UsageReport): ResourceAmounts {
  const allocatable = resourceAmounts(status.allocatable);
  // A second is as exact as pods say when they were placed.
  const unseen = running
    .filter((pod) => placedMs(pod) >= Math.floor(fromMs / 1000) * 1000)
    .map((pod) => podRequests(pod));
  return Object.fromEntries(
    LENT.map(({ resource, of, step }) => {
      const total = allocatable[of] ?? 0;
      const used = unseen.reduce((sum, requests) => sum + (requests[of] ?? 0), amounts[of] ?? 0);
      const room = Math.max(0, total * (1 - MARGIN) - used);
      return [resource, Math.floor(room / step) * step];
    }),
  );
}

function placedMs({ status, metadata }: Pod): number {
  const { lastTransitionTime } = findCondition(status.conditions, "PodScheduled") ?? {};
  return Date.parse(lastTransitionTime ?? metadata.creationTimestamp ?? "") || 0;
}

function chooseVictims(running: readonly Pod[], offered: ResourceAmounts): readonly Pod[] {
  const borrowers = running.flatMap((pod) => {
    const amounts = reclaimedBy(pod);
    return amounts && !pod.metadata.deletionTimestamp ? [{ pod, amounts }] : [];
  });
  const excess = new Map<string, number>();
  for (const { resource } of LENT) {
    const lent = borrowers.reduce((sum, { amounts }) => sum + (amounts[resource] ?? 0), 0);
    excess.set(resource, lent - (offered[resource] ?? 0));
  }
  const helps = (amounts: ResourceAmounts) =>
    Object.entries(amounts).some(([resource, amount]) => amount > 0 && (excess.get(resource) ?? 0) > 0);
  return borrowers.sort(byExpendability).flatMap(({ pod, amounts }) => {
    if (!helps(amounts)) return [];
    for (const [resource, amount] of Object.entries(amounts))
      excess.set(resource, (excess.get(resource) ?? 0) - amount);
    return [pod];
  });
}

interface Borrower {
  readonly pod: Pod;
}

const byExpendability = ({ pod: a }: Borrower, { pod: b }: Borrower): number =>
  (a.spec.priority ?? 0) - (b.spec.priority ?? 0) ||
  placedMs(b) - placedMs(a) ||
  (a.metadata.uid < b.metadata.uid ? -1 : 1);
