// What `kctl top` prints, as kubectl prints it: from objects of metrics.k8s.io to lines. Pure.

import {
  addQuantities,
  compareQuantities,
  milliValue,
  parseQuantity,
  quantityValue,
  type Quantity,
} from "../../api/meta/quantity.ts";
import { listAt, textAt, type AnyObject } from "../any-object.ts";
import { alignTabs, tableSpacing } from "../printers/tab-writer.ts";

export interface Amounts {
  readonly cpu: Quantity;
  readonly memory: Quantity;
}

export type SortKey = "cpu" | "memory" | undefined;

interface Named {
  readonly name: string;
  readonly namespace?: string;
  readonly usage: Amounts;
}

export interface PodUsageView {
  readonly byContainer: boolean;
  readonly withNamespace: boolean;
  readonly headers: boolean;
  readonly sum: boolean;
  readonly sortBy: SortKey;
}

export interface NodeUsageView {
  readonly headers: boolean;
  readonly sortBy: SortKey;
  /** What each node has, as shares are counted. */
  readonly available: ReadonlyMap<string, Amounts>;
}

const NONE = parseQuantity("0");
const MIB = 2 ** 20;

/** What an object lists under `usage`, `allocatable` and the like. */
export const amountsAt = (object: unknown, ...path: readonly string[]): Amounts => ({
  cpu: parseQuantity(textAt(object, ...path, "cpu") || "0"),
  memory: parseQuantity(textAt(object, ...path, "memory") || "0"),
});

const add = (a: Amounts, b: Amounts): Amounts => ({
  cpu: addQuantities(a.cpu, b.cpu),
  memory: addQuantities(a.memory, b.memory),
});
const total = (all: readonly Amounts[]): Amounts => all.reduce(add, { cpu: NONE, memory: NONE });

export function renderNodes(metrics: readonly AnyObject[], view: NodeUsageView): string {
  const nodes = metrics.map((each) => ({ name: each.metadata.name ?? "", usage: amountsAt(each, "usage") }));
  const rows = sorted(nodes, view.sortBy).map(({ name, usage }) => {
    const available = view.available.get(name);
    return [name, cores(usage), share(usage.cpu, available?.cpu), bytes(usage), share(usage.memory, available?.memory)];
  });
  // Nodes that tell nothing are named all the same.
  const measured = new Set(nodes.map(({ name }) => name));
  const silent = [...view.available.keys()].filter((name) => !measured.has(name));
  for (const name of silent.sort()) rows.push([name, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]);
  const headers = view.headers ? [["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"]] : [];
  return layOut([...headers, ...rows]);
}

const UNKNOWN = "<unknown>";

export function renderPods(metrics: readonly AnyObject[], view: PodUsageView): string {
  const { byContainer, withNamespace, headers, sum, sortBy } = view;
  const pods = metrics.map((pod) => {
    const containers = listAt(pod, "containers").map((each) => ({
      name: textAt(each, "name"),
      usage: amountsAt(each, "usage"),
    }));
    const { name = "", namespace = "" } = pod.metadata;
    return { name, namespace, containers, usage: total(containers.map(({ usage }) => usage)) };
  });
  const rows = sorted(pods, sortBy, { byNamespace: withNamespace }).flatMap(
    ({ name, namespace, containers, usage }) => {
      const lines = byContainer
        ? sorted(containers, sortBy).map((each) => [name, each.name, cores(each.usage), bytes(each.usage)])
        : [[name, cores(usage), bytes(usage)]];
      return withNamespace ? lines.map((line) => [namespace, ...line]) : lines;
    },
  );
  const names = [...(withNamespace ? ["NAMESPACE"] : []), ...(byContainer ? ["POD", "NAME"] : ["NAME"])];
  const lines = [...(headers ? [[...names, "CPU(cores)", "MEMORY(bytes)"]] : []), ...rows];
  if (!sum) return layOut(lines);
  const all = total(pods.map(({ usage }) => usage));
  const blank = names.slice(1).map(() => "");
  return layOut([...lines, [...blank, "", "________", "________"], [...blank, "", cores(all), bytes(all)]]);
}

/** By name, unless by what is used: then the most first. */
function sorted<T extends Named>(all: readonly T[], by: SortKey, { byNamespace = false } = {}): readonly T[] {
  return [...all].sort(
    (a, b) =>
      (by ? compareQuantities(b.usage[by], a.usage[by]) : 0) ||
      (byNamespace ? compareText(a.namespace ?? "", b.namespace ?? "") : 0) ||
      compareText(a.name, b.name),
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const cores = ({ cpu }: Amounts): string => `${milliValue(cpu)}m`;
const bytes = ({ memory }: Amounts): string => `${Math.trunc(quantityValue(memory) / MIB)}Mi`;

function share(used: Quantity, available: Quantity | undefined): string {
  if (!available || available.nanos <= 0n) return UNKNOWN;
  return `${Math.trunc((milliValue(used) / milliValue(available)) * 100)}%`;
}

/** kubectl ends each cell with a tab, the last one, too. */
const layOut = (rows: readonly (readonly string[])[]): string =>
  alignTabs(rows.map((cells) => `${cells.join("\t")}\t\n`).join(""), tableSpacing);
