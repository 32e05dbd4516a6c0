// Which parameters of the kernel a pod may set on this node: those that the kernel keeps apart for each pod, and that no pod
// can harm others with. The operator can allow more. Pure.

import type { Pod } from "../../api/core/pod.ts";

type Namespace = "IPC" | "Net";

/** Kubernetes' safe set, with the kernel's namespace that each belongs to. */
const SAFE: Readonly<Record<string, Namespace>> = {
  "kernel.shm_rmid_forced": "IPC",
  "net.ipv4.ip_local_port_range": "Net",
  "net.ipv4.ip_local_reserved_ports": "Net",
  "net.ipv4.ip_unprivileged_port_start": "Net",
  "net.ipv4.ping_group_range": "Net",
  "net.ipv4.tcp_fin_timeout": "Net",
  "net.ipv4.tcp_keepalive_intvl": "Net",
  "net.ipv4.tcp_keepalive_probes": "Net",
  "net.ipv4.tcp_keepalive_time": "Net",
  "net.ipv4.tcp_rmem": "Net",
  "net.ipv4.tcp_syncookies": "Net",
  "net.ipv4.tcp_wmem": "Net",
};

/** Both spellings, with slashes and with dots, name the same parameter: the first separator says which one is meant. */
export function dottedSysctl(name: string): string {
  if (/^[^./]*\./.test(name)) return name;
  return name.replace(/[./]/g, (separator) => (separator === "/" ? "." : "/"));
}

/** Why the pod may not run here; undefined where it may. `allowed`: names, or beginnings of names with a `*`. */
export function forbidSysctl({ spec }: Pick<Pod, "spec">, allowed: readonly string[]): string | undefined {
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    const problem = judge(dottedSysctl(name), spec, allowed);
    if (problem) return `forbidden sysctl: ${JSON.stringify(name)} ${problem}`;
  }
  return undefined;
}

function judge(name: string, spec: Pod["spec"], allowed: readonly string[]): string | undefined {
  const isAllowed = allowed.some((each) =>
    each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : dottedSysctl(each) === name,
  );
  const namespace = SAFE[name] ?? (isAllowed ? namespaceOf(name) : undefined);
  if (namespace === "Net" && spec.hostNetwork) return "not allowed with host Net enabled";
  if (namespace === "IPC" && spec.hostIPC) return "not allowed with host IPC enabled";
  return namespace ? undefined : "not allowlisted";
}

/** Others belong to the node as a whole, and nothing can allow them. */
function namespaceOf(name: string): Namespace | undefined {
  if (name.startsWith("net.")) return "Net";
  return ["kernel.msg", "kernel.sem", "kernel.shm", "fs.mqueue."].some((prefix) => name.startsWith(prefix))
    ? "IPC"
    : undefined;
}
