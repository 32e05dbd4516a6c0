// The downward API: values of the pod's own fields and resources, for environment variables and volumes. Pure.

import type { ObjectFieldSelector, ResourceFieldSelector } from "../api/core/env.ts";
import type { Pod } from "../api/core/pod.ts";
import { milliValue, parseQuantity, quantityValue } from "../api/meta/quantity.ts";

/** What the pod object does not say yet, or says too late. */
export interface DownwardFacts {
  readonly podIP: string | undefined;
  readonly hostIPs: readonly string[];
  readonly nodeName: string;
  /** By resource name, as quantities: the limit of a container that has none. */
  readonly allocatable: Readonly<Record<string, string>>;
}

const KEYED = /^metadata\.(labels|annotations)\['([^']+)'\]$/;

/** Throws an Error for a path that the downward API does not have. */
export function readField(
  { fieldPath }: Pick<ObjectFieldSelector, "fieldPath">,
  pod: Pod,
  facts: DownwardFacts,
): string {
  const { metadata, spec } = pod;
  const [, map, key = ""] = KEYED.exec(fieldPath) ?? [];
  if (map) return metadata[map as "labels" | "annotations"]?.[key] ?? "";
  const fields: Readonly<Record<string, () => string | undefined>> = {
    "metadata.name": () => metadata.name,
    "metadata.namespace": () => metadata.namespace,
    "metadata.uid": () => metadata.uid,
    "metadata.labels": () => renderMap(metadata.labels),
    "metadata.annotations": () => renderMap(metadata.annotations),
    "spec.nodeName": () => spec.nodeName ?? facts.nodeName,
    "spec.serviceAccountName": () => spec.serviceAccountName,
    "status.hostIP": () => facts.hostIPs[0],
    "status.hostIPs": () => facts.hostIPs.join(","),
    "status.podIP": () => facts.podIP,
    "status.podIPs": () => facts.podIP,
  };
  const read = Object.hasOwn(fields, fieldPath) ? fields[fieldPath] : undefined;
  if (!read) throw new Error(`unsupported fieldPath: ${fieldPath}`);
  return read() ?? "";
}

/** One line per entry, sorted, the value quoted as Go does. */
function renderMap(map: Readonly<Record<string, string>> = {}): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join("\n");
}

/** A container's limit or request, rounded up in units of the divisor. `container`: where the selector names none. */
export function readResource(
  selector: ResourceFieldSelector,
  { pod, container }: { readonly pod: Pod; readonly container?: string },
  facts: DownwardFacts,
): string {
  const name = selector.containerName || container || "";
  const found = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((each) => each.name === name);
  if (!found) throw new Error(`container ${name} not found`);
  const [, kind, resource = ""] = /^(limits|requests)\.(.+)$/.exec(selector.resource) ?? [];
  if (!kind) throw new Error(`unsupported container resource : ${selector.resource}`);
  const given = found.resources[kind as "limits" | "requests"]?.[resource];
  const unlimited = kind === "limits" ? facts.allocatable[resource] : undefined;
  return divide(given ?? unlimited ?? "0", selector.divisor, resource);
}

/** A divisor of 0 stands for 1. */
function divide(amount: string, divisor: string | undefined, resource: string): string {
  const unit = resource === "cpu" ? milliValue : quantityValue;
  const by = unit(parseQuantity(divisor ?? "1")) || unit(parseQuantity("1"));
  return String(Math.ceil(unit(parseQuantity(amount)) / by));
}
