// Reclamation: what running pods have reserved and do not use is lent to pods of the best-effort band that ask for it. It has an
// account of its own: two further resources of the node, beside `cpu` and `memory`, which keep their meaning for everybody else.
// A node takes part once its usage is reported in an annotation. Pure.

import { isPodTerminal } from "../core/pod-state.ts";
import { podRequests, resourceAmounts, type ResourceAmounts } from "../core/pod-resources.ts";
import type { Node } from "../core/node.ts";
import type { Pod } from "../core/pod.ts";
import { findCondition } from "../meta/condition-list.ts";

/** In thousandths of a core, as devices come in whole pieces. */
export const RECLAIMED_CPU = "scheduling.kctl.dev/reclaimed-cpu";
/** In bytes. */
export const RECLAIMED_MEMORY = "scheduling.kctl.dev/reclaimed-memory";

/**
 * On a node, by whoever measures there: `{"cpu":"1250m","memory":"3Gi","time":"2026-01-01T00:00:00Z"}`. What all that does not
 * run on reclaimed resources used lately, and when that was. A pod whose use is not known yet counts with what it requests.
 */
export const USAGE_ANNOTATION = "scheduling.kctl.dev/usage";

/** Of what the node offers, this part is never lent: what is used can grow faster than pods can be ended. */
const MARGIN = 0.1;
/** A report that is older says nothing any more. */
const REPORT_VALID_MS = 60_000;
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

export interface UsageReport {
  readonly amounts: ResourceAmounts;
  readonly atMs: number;
}

/** Undefined where nothing is reported, or nothing that can be understood. */
export function usageOf({ metadata }: Pick<Node, "metadata">): UsageReport | undefined {
  const text = metadata.annotations?.[USAGE_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    const { cpu, memory, time } = (JSON.parse(text) ?? {}) as Partial<Record<"cpu" | "memory" | "time", unknown>>;
    if (typeof cpu !== "string" || typeof memory !== "string" || typeof time !== "string") return undefined;
    const atMs = Date.parse(time);
    return Number.isNaN(atMs) ? undefined : { amounts: resourceAmounts({ cpu, memory }), atMs };
  } catch {
    // Text that is no JSON, or amounts that are none: the node does not take part.
    return undefined;
  }
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
  /** When the report will say nothing any more, from now. */
  readonly validMs: number;
}

/** Undefined for a node that takes no part. */
export function planReclamation(node: Node, placed: readonly Pod[], nowMs: number): Reclamation | undefined {
  if (node.metadata.annotations?.[USAGE_ANNOTATION] === undefined) return undefined;
  const report = usageOf(node);
  const validMs = report ? report.atMs + REPORT_VALID_MS - nowMs : 0;
  const running = placed.filter((pod) => !isPodTerminal(pod));
  const offered = report && validMs > 0 ? offerOf(node, running, report) : nothing();
  return { offered, victims: chooseVictims(running, offered), validMs: Math.max(0, validMs) };
}

const nothing = (): ResourceAmounts => Object.fromEntries(LENT.map(({ resource }) => [resource, 0]));

function offerOf({ status }: Node, running: readonly Pod[], { amounts, atMs }: UsageReport): ResourceAmounts {
  const allocatable = resourceAmounts(status.allocatable);
  // A second is as exact as pods say when they were placed.
  const unseen = running
    .filter((pod) => placedMs(pod) >= Math.floor(atMs / 1000) * 1000)
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
