// The columns of `kctl get pods`. The rules are those of kubectl's printer, which users and scripts know by heart.

import { summarizePod } from "./pod-summary.ts";
import type { Pod } from "./pod.ts";
import { renderAge } from "../meta/human-duration.ts";
import { ageColumn, column, nameColumn, wideColumn } from "../meta/standard-columns.ts";
import type { Column } from "../resource.ts";

const NONE = "<none>";

function renderRestarts(pod: Pod, nowMs: number): string {
  const { restarts, lastRestart } = summarizePod(pod);
  return restarts > 0 && lastRestart ? `${restarts} (${renderAge(lastRestart, nowMs)} ago)` : `${restarts}`;
}

function renderReadinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  const open = gates.filter(({ conditionType }) =>
    pod.status.conditions?.some(({ type, status }) => type === conditionType && status === "True"),
  );
  return `${open.length}/${gates.length}`;
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  column("Ready", { description: "How many of the pod's containers are ready to serve." }, (pod) => {
    const { ready, total } = summarizePod(pod);
    return `${ready}/${total}`;
  }),
  column(
    "Status",
    { description: "The state of the pod's containers in one word." },
    (pod) => summarizePod(pod).status,
  ),
  column(
    "Restarts",
    { description: "How often the pod's containers were restarted, and how long ago the last restart was." },
    renderRestarts,
  ),
  ageColumn,
  wideColumn("IP", { description: "The pod's first address." }, (pod) => pod.status.podIPs?.[0]?.ip || NONE),
  wideColumn("Node", { description: "The node that the pod is bound to." }, (pod) => pod.spec.nodeName || NONE),
  wideColumn(
    "Nominated Node",
    { description: "The node on which pods of lower priority are being removed to make room for this one." },
    (pod) => pod.status.nominatedNodeName || NONE,
  ),
  wideColumn(
    "Readiness Gates",
    { description: "How many of the pod's readiness gates have become true." },
    renderReadinessGates,
  ),
];
