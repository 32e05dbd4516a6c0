// What a service's owner is told about hints by zone: that they have begun, that they have ended, and why there are none. What
// was told is not told again while it holds; after a restart it is.

import { formatKey, keyOf, type ObjectKey } from "../../api/meta/object.ts";
import type { Service } from "../../api/core/service.ts";
import type { AddressType, HintsOutcome } from "./slice-plan.ts";

export interface HintEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: "TopologyAwareHintsEnabled" | "TopologyAwareHintsDisabled";
  readonly message: string;
}

const ENABLED = "Topology Aware Hints has been enabled";
const DISABLED = "Topology Aware Hints has been disabled";

export class HintEvents {
  /** By service and type of addresses, what its owner knows: ENABLED, or the problem. */
  readonly #told = new Map<string, Map<AddressType, string>>();

  /** What is to be told now that the outcome is known; none is given where the service does not ask for hints. */
  next(service: Service, outcomes: readonly HintsOutcome[]): readonly HintEvent[] {
    const key = keyOf(service);
    const told = this.#told.get(formatKey(key)) ?? new Map<AddressType, string>();
    if (outcomes.length === 0) return this.#end(key, told);
    this.#told.set(formatKey(key), told);
    return outcomes.flatMap((outcome) => tell(told, outcome));
  }

  forget(key: ObjectKey): void {
    this.#told.delete(formatKey(key));
  }

  #end(key: ObjectKey, told: ReadonlyMap<AddressType, string>): readonly HintEvent[] {
    this.forget(key);
    const hinted = [...told].find(([, message]) => message === ENABLED);
    return hinted ? [eventOf(DISABLED, hinted[0])] : [];
  }
}

function tell(told: Map<AddressType, string>, { addressType, problem = ENABLED }: HintsOutcome): readonly HintEvent[] {
  const isKnown = told.get(addressType) === problem;
  // One event for all types of addresses says that there are hints.
  const isTold = isKnown || (problem === ENABLED && [...told.values()].includes(ENABLED));
  told.set(addressType, problem);
  return isTold ? [] : [eventOf(problem, addressType)];
}

const eventOf = (message: string, addressType: AddressType): HintEvent => ({
  type: message === ENABLED ? "Normal" : "Warning",
  reason: message === ENABLED ? "TopologyAwareHintsEnabled" : "TopologyAwareHintsDisabled",
  message: `${message}, addressType: ${addressType}`,
});
