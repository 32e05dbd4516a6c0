// Adds up, for each domain of the cluster, what the pods there count for in the eyes of one rule. Follows the snapshot by its
// log of moves, so that a decision pays for the pods that have moved since the last one, not for all pods.

import type { Cohort } from "./cohorts.ts";
import type { Domains } from "./domains.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Snapshot } from "./snapshot.ts";

/** An amount for the domain that a pod's node is in, by the label that makes the domains. */
export interface Weight {
  readonly topologyKey: string;
  readonly weight: number;
}

export interface TallyRules {
  /** What each pod of the cohort that this pod stands for counts. May depend on the pod and on the labels of namespaces. */
  readonly weigh: (pod: PodInfo) => readonly Weight[];
  /** Whether the node and its pods count; by its labels and taints only. All do unless given. */
  readonly includes?: (node: NodeInfo) => boolean;
  /** Labels of which there are sums even where no pod counts anything. */
  readonly topologyKeys?: readonly string[];
}

/** The sums of the domains that one label makes. */
export interface DomainSums {
  readonly domains: Domains;
  readonly sums: Float64Array;
  /** 1 for each domain with a node that is included. */
  readonly included: Uint8Array;
}

export class TopologyTally {
  readonly #snapshot: Snapshot;
  readonly #rules: TallyRules;
  readonly #byKey = new Map<string, DomainSums>();
  #sums: readonly DomainSums[] = [];
  #weights = new WeakMap<Cohort, readonly Weight[]>();
  #total = 0;
  #position = 0;
  #topologyVersion = -1;

  constructor(snapshot: Snapshot, rules: TallyRules) {
    this.#snapshot = snapshot;
    this.#rules = rules;
  }

  /** All sums together: 0 where no pod counts, if no weight is negative. */
  get total(): number {
    return this.#total;
  }

  /** No pod has counted since the last full count. */
  get isEmpty(): boolean {
    return this.#sums.length === 0;
  }

  /** By label. The same objects until a refresh counts anew. */
  get sums(): readonly DomainSums[] {
    return this.#sums;
  }

  /** Takes in what has changed since the last call. False: the sums are what they were. */
  refresh(): boolean {
    const { cohorts, topologyVersion } = this.#snapshot;
    const moves = this.#topologyVersion === topologyVersion ? cohorts.movesSince(this.#position) : undefined;
    this.#position = cohorts.position;
    this.#topologyVersion = topologyVersion;
    if (!moves) {
      this.#countAll();
      return true;
    }
    let changed = false;
    for (const { cohort, nodeName, sign } of moves) {
      if (this.#add(cohort, nodeName, sign)) changed = true;
    }
    return changed;
  }

  /** Of one of the rules' `topologyKeys`. Valid until the next refresh that returns true. */
  of(topologyKey: string): DomainSums {
    const known = this.#byKey.get(topologyKey);
    if (known) return known;
    const domains = this.#snapshot.domains(topologyKey);
    const sums = { domains, sums: new Float64Array(domains.count), included: this.#includedDomains(domains) };
    this.#byKey.set(topologyKey, sums);
    this.#sums = [...this.#byKey.values()];
    return sums;
  }

  /** The sums of the domains that the row is in, added up over all labels. */
  at(row: number): number {
    let sum = 0;
    for (const each of this.#sums) sum += sumAt(each, row);
    return sum;
  }

  #countAll(): void {
    this.#byKey.clear();
    this.#sums = [];
    this.#weights = new WeakMap();
    this.#total = 0;
    for (const topologyKey of this.#rules.topologyKeys ?? []) this.of(topologyKey);
    for (const cohort of this.#snapshot.cohorts.all()) {
      if (this.#weightsOf(cohort).length === 0) continue;
      for (const [nodeName, count] of cohort.countByNode) this.#add(cohort, nodeName, count);
    }
  }

  #add(cohort: Cohort, nodeName: string, count: number): boolean {
    const weights = this.#weightsOf(cohort);
    if (weights.length === 0) return false;
    const node = this.#snapshot.node(nodeName);
    if (!node || this.#rules.includes?.(node) === false) return false;
    for (const { topologyKey, weight } of weights) {
      const { domains, sums } = this.of(topologyKey);
      const domain = domains.ofRow[node.row] ?? -1;
      if (domain < 0) continue;
      sums[domain] = (sums[domain] ?? 0) + weight * count;
      this.#total += weight * count;
    }
    return true;
  }

  #weightsOf(cohort: Cohort): readonly Weight[] {
    const known = this.#weights.get(cohort);
    if (known) return known;
    const weights = this.#rules.weigh(cohort.pod);
    this.#weights.set(cohort, weights);
    return weights;
  }

  #includedDomains({ count, ofRow }: Domains): Uint8Array {
    const included = new Uint8Array(count);
    for (const node of this.#snapshot.nodes) {
      const domain = ofRow[node.row] ?? -1;
      if (domain >= 0 && this.#rules.includes?.(node) !== false) included[domain] = 1;
    }
    return included;
  }
}

/** The sum of the domain that the row is in; 0 where the node lacks the label. */
export function sumAt({ domains, sums }: DomainSums, row: number): number {
  const domain = domains.ofRow[row] ?? -1;
  return domain < 0 ? 0 : (sums[domain] ?? 0);
}

/**
 * Of two rows with the same key, a rule that reads nothing but these sums, and what holds for all of them together, says the
 * same as long as no pod comes or goes there: either they are in one domain, or each is alone in its own, with equal sums.
 */
export function sumKeyAt({ domains, sums }: DomainSums, row: number): number | "no label" {
  const domain = domains.ofRow[row] ?? -1;
  if (domain < 0) return "no label";
  return domains.areSingle ? (sums[domain] ?? 0) : domain;
}

export const hasLabel = ({ domains }: DomainSums, row: number): boolean => (domains.ofRow[row] ?? -1) >= 0;
