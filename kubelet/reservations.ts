// What of a node is not for pods: what the operator keeps for the system and for the kubelet, and what hard eviction thresholds
// keep free. Names, checks and messages are Kubernetes'. Pure.

import { milliValue, parseQuantity, QuantityError, quantityValue } from "../api/meta/quantity.ts";
import { amountOf, type Threshold } from "./eviction/thresholds.ts";
import type { MachineFacts, Reserved } from "./node-status.ts";

export interface ReservationTexts {
  /** By resource name, as quantities. */
  readonly kube: Readonly<Record<string, string>>;
  readonly system: Readonly<Record<string, string>>;
  /** The soft ones among them keep nothing. */
  readonly thresholds: readonly Threshold[];
}

type Facts = Pick<MachineFacts, "cpuMillis" | "memoryBytes" | "ephemeralStorageBytes">;

/** Throws an Error that says which reservation is wrong. */
export function reserve(machine: Facts, { kube, system, thresholds }: ReservationTexts): Reserved {
  const [forKube, forSystem] = [parseReserved(kube), parseReserved(system)];
  const kept = (signal: Threshold["signal"], capacity: number) => {
    const hard = thresholds.find((each) => each.signal === signal && each.graceMs === 0);
    return hard ? amountOf(hard.value, capacity) : 0;
  };
  const reserved: Reserved = {
    cpuMillis: forKube.cpuMillis + forSystem.cpuMillis,
    memoryBytes: forKube.memoryBytes + forSystem.memoryBytes + kept("memory.available", machine.memoryBytes),
    ephemeralStorageBytes:
      forKube.ephemeralStorageBytes +
      forSystem.ephemeralStorageBytes +
      kept("nodefs.available", machine.ephemeralStorageBytes),
  };
  for (const [resource, field] of Object.entries(FIELDS)) {
    if (reserved[field] <= machine[field]) continue;
    throw new Error(
      `invalid Node Allocatable configuration. Resource "${resource}" has a reservation of ${reserved[field]} but capacity of ${machine[field]}. Expected capacity >= reservation.`,
    );
  }
  return reserved;
}

const FIELDS = {
  cpu: "cpuMillis",
  memory: "memoryBytes",
  "ephemeral-storage": "ephemeralStorageBytes",
} as const;

function parseReserved(texts: Readonly<Record<string, string>>): Reserved {
  const reserved = { cpuMillis: 0, memoryBytes: 0, ephemeralStorageBytes: 0 };
  for (const [resource, text] of Object.entries(texts)) {
    if (!Object.hasOwn(FIELDS, resource)) throw new Error(`cannot reserve "${resource}" resource`);
    const field = FIELDS[resource as keyof typeof FIELDS];
    reserved[field] = parseAmount(resource, text);
  }
  return reserved;
}

function parseAmount(resource: string, text: string): number {
  try {
    const quantity = parseQuantity(text);
    const amount = resource === "cpu" ? milliValue(quantity) : quantityValue(quantity);
    if (amount < 0) throw new Error(`resource quantity for "${resource}" cannot be negative: ${text}`);
    return amount;
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    throw new Error(`failed to parse quantity "${text}" for "${resource}" resource: ${error.message}`, {
      cause: error,
    });
  }
}
