// Why a node does not take a pod, as the errors that clients see.

import { StatusError } from "../../api/meta/status.ts";
import type { Revision } from "../storage/store.ts";
import { renderShortage, type PoolMismatch, type Shortage } from "./plan-allocation.ts";

/** A node has no room for what the transaction would place on it. */
export class NoRoom extends StatusError {
  constructor(
    readonly node: string,
    readonly shortages: readonly Shortage[],
  ) {
    const reasons = shortages.map(renderShortage).join(", ");
    super("Conflict", `Operation cannot be fulfilled: node "${node}" has no room for the pod: ${reasons}`, {
      details: {
        name: node,
        kind: "nodes",
        causes: shortages.map(({ resource, requested, used, capacity }) => ({
          reason: "InsufficientResource",
          field: resource,
          message: `requested: ${requested}, used: ${used}, capacity: ${capacity}`,
        })),
      },
    });
  }
}

interface Generations {
  readonly seen: Revision;
  readonly actual: Revision;
}

/** Something has come to the node or left it since the scheduler looked. */
export class NodeChanged extends StatusError {
  constructor(
    readonly node: string,
    { seen, actual }: Generations,
  ) {
    const detail = `node "${node}" has changed since it was looked at: its generation is ${actual} and not ${seen}`;
    super("Conflict", `Operation cannot be fulfilled: ${detail}`, { details: { name: node, kind: "nodes" } });
  }
}

/** The pod's namespace and the node belong to different static partitions. */
export class NotInPool extends StatusError {
  constructor(
    readonly node: string,
    { wanted, actual }: PoolMismatch,
  ) {
    const where = actual === undefined ? "is in no pool" : `is in pool "${actual}"`;
    const rule =
      wanted === undefined
        ? "the pod's namespace is bound to no pool"
        : `the pod's namespace is bound to pool "${wanted}"`;
    super("Forbidden", `node "${node}" is forbidden: it ${where}, and ${rule}`, {
      details: { name: node, kind: "nodes" },
    });
  }
}

export type NodeRefusal = NoRoom | NodeChanged | NotInPool;
