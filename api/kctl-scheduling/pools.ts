// Static partitions: a node joins a pool by its label, a namespace is bound to one by the same label. Pods of a bound namespace
// run on nodes of its pool only, and all other pods on nodes of no pool. Pure: the scheduler and the API server ask the same rule.

/** On a Node: its pool. On a Namespace: the pool of its pods. */
export const POOL_LABEL = "scheduling.kctl.dev/pool";

type Labels = Readonly<Record<string, string>>;

/** An empty value is no pool. */
export const poolOf = (labels: Labels | undefined): string | undefined => labels?.[POOL_LABEL] || undefined;

/** What the cluster itself runs has to be on every node. */
const EVERYWHERE: readonly string[] = ["kube-system"];

export interface PoolUser {
  readonly namespace: string;
  readonly namespaceLabels: Labels | undefined;
  /** The pod belongs to a DaemonSet. */
  readonly isDaemon: boolean;
}

/** Where pods may go: to the nodes of one pool, to those of none, or to all. */
export type PoolDemand = { readonly pool: string | undefined } | "any";

/**
 * The cluster's own pods, and the agents that namespaces without a pool have on each node, go everywhere. What is in a bound
 * namespace never leaves its pool.
 */
export function poolDemand({ namespace, namespaceLabels, isDaemon }: PoolUser): PoolDemand {
  const pool = poolOf(namespaceLabels);
  if (EVERYWHERE.includes(namespace) || (isDaemon && pool === undefined)) return "any";
  return { pool };
}

export const meetsDemand = (demand: PoolDemand, nodePool: string | undefined): boolean =>
  demand === "any" || demand.pool === nodePool;
