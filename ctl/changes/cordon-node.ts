// A node that takes new pods, or takes none. Pure.

import { valueAt, type AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import type { Selection } from "../select-objects.ts";

/** Without the field where it would say what is so anyway. */
export function withUnschedulable(node: AnyObject, isUnschedulable: boolean): AnyObject {
  const { unschedulable, ...spec } = (valueAt(node, "spec") ?? {}) as Readonly<Record<string, unknown>>;
  if ((unschedulable === true) === isUnschedulable) return node;
  return { ...node, spec: isUnschedulable ? { ...spec, unschedulable: true } : spec };
}

/** The nodes of `cordon node-1 node-2`, or those that a label selector picks. */
export function nodeSelection(args: readonly string[], selector: string | undefined): Selection {
  if (args.length > 0 && selector) {
    throw new CommandError("cannot specify both a node name and a --selector option");
  }
  const names = args.map((arg) => arg.replace(/^(nodes?|no)\//, ""));
  return { args: ["nodes", ...names], selector };
}
