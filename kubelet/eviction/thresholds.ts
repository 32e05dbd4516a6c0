// When a node is short of something: what is watched, how little of it is too little, and how an operator says so. Pure.

import { parseQuantity, QuantityError, quantityOf, quantityValue, renderQuantity } from "../../api/meta/quantity.ts";
import { parseDurationMs } from "../../lib/duration.ts";

const SIGNALS = {
  "memory.available": { resource: "memory", condition: "MemoryPressure", format: "BinarySI" },
  "nodefs.available": { resource: "ephemeral-storage", condition: "DiskPressure", format: "BinarySI" },
  "nodefs.inodesFree": { resource: "inodes", condition: "DiskPressure", format: "DecimalSI" },
  "imagefs.available": { resource: "ephemeral-storage", condition: "DiskPressure", format: "BinarySI" },
  "imagefs.inodesFree": { resource: "inodes", condition: "DiskPressure", format: "DecimalSI" },
  "pid.available": { resource: "pids", condition: "PIDPressure", format: "DecimalSI" },
} as const;

export type Signal = keyof typeof SIGNALS;
export type StarvedResource = (typeof SIGNALS)[Signal]["resource"];
export type PressureCondition = (typeof SIGNALS)[Signal]["condition"];

export const resourceOf = (signal: Signal): StarvedResource => SIGNALS[signal].resource;
export const conditionOf = (signal: Signal): PressureCondition => SIGNALS[signal].condition;

/** What is left of something, and how much there is of it altogether. */
export interface Observation {
  readonly available: number;
  readonly capacity: number;
}

/** What could not be observed is missing. */
export type Observations = Readonly<Partial<Record<Signal, Observation>>>;

/** An amount, or a share of the capacity between 0 and 1. */
export type Bound = { readonly amount: number } | { readonly share: number };

export interface Threshold {
  readonly signal: Signal;
  readonly value: Bound;
  /** How much more than `value` there must be before the node counts as relieved. */
  readonly minReclaim?: Bound;
  /** How long it must last; 0 for a hard threshold. */
  readonly graceMs: number;
}

export interface EvictionSettings {
  readonly thresholds: readonly Threshold[];
  /** What pods get at most for soft thresholds. */
  readonly maxPodGraceSeconds: number;
  /** How long a node's condition stays after the last sign of it. */
  readonly transitionMs: number;
}

/** As an operator gives them: by signal. */
export interface ThresholdTexts {
  readonly hard: Readonly<Record<string, string>>;
  readonly soft?: Readonly<Record<string, string>>;
  readonly softGrace?: Readonly<Record<string, string>>;
  readonly minReclaim?: Readonly<Record<string, string>>;
}

/** Kubernetes' own. */
export const DEFAULT_HARD: ThresholdTexts["hard"] = {
  "imagefs.available": "15%",
  "imagefs.inodesFree": "5%",
  "memory.available": "100Mi",
  "nodefs.available": "10%",
  "nodefs.inodesFree": "5%",
};

/** Throws an Error that says which of them is wrong. */
export function parseThresholds({ hard, soft = {}, softGrace = {}, minReclaim = {} }: ThresholdTexts): Threshold[] {
  const reclaims = new Map(
    Object.entries(minReclaim).map(([name, text]) => [signalOf(name), parseReclaim(name, text)]),
  );
  const graces = new Map(Object.entries(softGrace).map(([name, text]) => [signalOf(name), parseGrace(text)]));
  const parse = (texts: Readonly<Record<string, string>>, graceOf: (signal: Signal) => number) =>
    Object.entries(texts).flatMap(([name, text]): Threshold[] => {
      const signal = signalOf(name);
      const value = parseBound(signal, text);
      return value ? [{ signal, value, minReclaim: reclaims.get(signal), graceMs: graceOf(signal) }] : [];
    });
  const softGraceOf = (signal: Signal) => {
    const graceMs = graces.get(signal);
    if (graceMs !== undefined) return graceMs;
    throw new Error(`grace period must be specified for the soft eviction threshold ${signal}`);
  };
  return [...parse(hard, () => 0), ...parse(soft, softGraceOf)];
}

function signalOf(name: string): Signal {
  if (Object.hasOwn(SIGNALS, name)) return name as Signal;
  throw new Error(`unrecognized eviction signal ${name}: it is one of ${Object.keys(SIGNALS).join(", ")}`);
}

/** Undefined: 0% and 100% mean that nothing is watched. */
function parseBound(signal: Signal, text: string): Bound | undefined {
  if (text === "0%" || text === "100%") return undefined;
  const bound = readBound(text);
  if ("amount" in bound) {
    if (bound.amount <= 0) throw new Error(`eviction threshold ${signal} must be positive: ${text}`);
  } else {
    const percentage = `eviction percentage threshold ${signal} must be`;
    if (bound.share < 0) throw new Error(`${percentage} >= 0%: ${text}`);
    if (bound.share > 1) throw new Error(`${percentage} <= 100%: ${text}`);
  }
  return bound;
}

function parseReclaim(name: string, text: string): Bound {
  const bound = readBound(text);
  if ("share" in bound && bound.share <= 0) {
    throw new Error(`eviction percentage minimum reclaim ${name} must be positive: ${text}`);
  }
  if ("amount" in bound && bound.amount < 0) {
    throw new Error(`negative eviction minimum reclaim specified for ${name}`);
  }
  return bound;
}

function readBound(text: string): Bound {
  if (/^[+-]?\d+(\.\d+)?%$/.test(text)) return { share: Number(text.slice(0, -1)) / 100 };
  try {
    return { amount: quantityValue(parseQuantity(text)) };
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    throw new Error(`"${text}" is neither a quantity nor a percentage`, { cause: error });
  }
}

function parseGrace(text: string): number {
  const graceMs = parseDurationMs(text);
  if (graceMs === undefined) throw new Error(`"${text}" is no duration, such as 1m30s`);
  if (graceMs < 0) throw new Error(`invalid eviction grace period specified: ${text}, must be a positive value`);
  return graceMs;
}

/** The amount that a bound stands for. */
export const amountOf = (bound: Bound, capacity: number): number =>
  "amount" in bound ? bound.amount : Math.floor(capacity * bound.share);

/** As Kubernetes writes an amount of what a signal watches. */
export const renderAmount = (signal: Signal, amount: number): string =>
  renderQuantity(quantityOf(Math.floor(amount), SIGNALS[signal].format));
