// The domains that a node label divides the cluster into: the zones, for instance. Nodes with the same value are together.

import type { NodeInfo } from "./node-info.ts";

export interface Domains {
  /** Domains are numbered from 0. */
  readonly count: number;
  /** The domain of each row; negative: the node lacks the label. */
  readonly ofRow: Int32Array;
  /** No two rows are in the same domain, as by the label of host names. */
  readonly areSingle: boolean;
}

export function buildDomains(nodes: readonly NodeInfo[], topologyKey: string): Domains {
  const ofRow = new Int32Array(nodes.length);
  const byValue = new Map<string, number>();
  let labelled = 0;
  for (const { row, node } of nodes) {
    const value = node.metadata.labels?.[topologyKey];
    if (value === undefined) {
      ofRow[row] = -1;
      continue;
    }
    const domain = byValue.get(value) ?? byValue.size;
    byValue.set(value, domain);
    labelled++;
    ofRow[row] = domain;
  }
  return { count: byValue.size, ofRow, areSingle: byValue.size === labelled };
}
