// The columns of `kctl get nodes`.

import type { Node } from "./node.ts";
import { ageColumn, column, nameColumn, wideColumn } from "../meta/standard-columns.ts";
import type { Column } from "../resource.ts";

const ROLE_PREFIX = "node-role.kubernetes.io/";
const ROLE_LABEL = "kubernetes.io/role";
const UNKNOWN = "<unknown>";

function renderStatus({ spec, status }: Node): string {
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  const readiness = ready ? (ready.status === "True" ? "Ready" : "NotReady") : "Unknown";
  return spec.unschedulable ? `${readiness},SchedulingDisabled` : readiness;
}

/** A role is a label `node-role.kubernetes.io/ROLE`, or the value of the older `kubernetes.io/role`. */
export function nodeRoles(node: Node): readonly string[] {
  const roles = Object.entries(node.metadata.labels ?? {}).map(([key, value]) =>
    key === ROLE_LABEL ? value : key.startsWith(ROLE_PREFIX) ? key.slice(ROLE_PREFIX.length) : "",
  );
  return [...new Set(roles.filter(Boolean))].sort();
}

const addressOf = ({ status }: Node, type: string) =>
  status.addresses?.find((each) => each.type === type)?.address ?? "<none>";

export const nodeColumns: readonly Column<Node>[] = [
  nameColumn,
  column("Status", { description: "Whether the node is ready and takes new pods." }, renderStatus),
  column("Roles", { description: "The roles of the node." }, (node) => nodeRoles(node).join(",") || "<none>"),
  ageColumn,
  column(
    "Version",
    { description: "The version of the node's kubelet." },
    ({ status }) => status.nodeInfo.kubeletVersion,
  ),
  wideColumn("Internal-IP", { description: "The node's address inside the cluster." }, (node) =>
    addressOf(node, "InternalIP"),
  ),
  wideColumn("External-IP", { description: "The node's address outside the cluster." }, (node) =>
    addressOf(node, "ExternalIP"),
  ),
  wideColumn(
    "OS-Image",
    { description: "The operating system that the node reports." },
    ({ status }) => status.nodeInfo.osImage || UNKNOWN,
  ),
  wideColumn(
    "Kernel-Version",
    { description: "The kernel that the node reports." },
    ({ status }) => status.nodeInfo.kernelVersion || UNKNOWN,
  ),
  wideColumn(
    "Container-Runtime",
    { description: "The container runtime that the node reports, and its version." },
    ({ status }) => status.nodeInfo.containerRuntimeVersion || UNKNOWN,
  ),
];
