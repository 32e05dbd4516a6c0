// The ports that a pod's containers name. Pure.

import type { Pod } from "../../api/core/pod.ts";

export type PodPorts = readonly { readonly name: string; readonly protocol: string; readonly number: number }[];

/** Those of containers, and of init containers that go on running beside them. */
export function podProtocolPorts({ spec }: Pod): PodPorts {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...spec.containers, ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ name, protocol = "TCP", containerPort }) =>
      name === undefined ? [] : [{ name, protocol, number: containerPort }],
    );
}
