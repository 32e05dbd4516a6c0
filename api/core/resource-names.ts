// What the name of a resource says about it: who defines it, whether it comes in whole pieces, and where it may be limited.
// The sets are Kubernetes'.

import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { invalidField, type FieldError } from "../schema/field-error.ts";

const CONTAINER_RESOURCES = ["cpu", "memory", "ephemeral-storage"];
/** Kinds of objects that a quota may count. */
const COUNTED_KINDS = [
  "pods",
  "resourcequotas",
  "services",
  "services.nodeports",
  "services.loadbalancers",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
];

const containerResources = new Set(CONTAINER_RESOURCES);
const countedKinds = new Set(COUNTED_KINDS);
const quotaResources = new Set([
  ...CONTAINER_RESOURCES.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
  ...COUNTED_KINDS,
  "requests.storage",
]);
const standardResources = new Set([...quotaResources, "storage"]);

export const isHugePages = (name: string): boolean => name.startsWith("hugepages-");
const isHugePagesQuota = (name: string) => isHugePages(name) || name.startsWith("requests.hugepages-");

/** Defined by Kubernetes, and not by the maker of a device. */
export const isNativeResource = (name: string): boolean => !name.includes("/") || name.includes("kubernetes.io/");

/** Kubernetes' own resources may be promised more often than they are there; devices and huge pages may not. */
export const isOvercommitAllowed = (name: string): boolean => isNativeResource(name) && !isHugePages(name);

export const isContainerResource = (name: string): boolean => containerResources.has(name) || isHugePages(name);
export const isQuotaResource = (name: string): boolean => quotaResources.has(name) || isHugePagesQuota(name);

/** A device, named by its maker. */
export const isExtendedResource = (name: string) =>
  !isNativeResource(name) && !name.startsWith("requests.") && qualifiedNameProblems(`requests.${name}`).length === 0;

/** Objects and devices come in whole pieces. */
export const isWholeResource = (name: string): boolean => countedKinds.has(name) || isExtendedResource(name);

/** Any resource at all: one of Kubernetes' own, or a name with its maker's domain. */
export function checkResourceName(path: string, name: string): readonly FieldError[] {
  const problems = qualifiedNameProblems(name);
  if (problems.length > 0) return problems.map((problem) => invalidField(path, name, problem));
  const isKnown = name.includes("/") || standardResources.has(name) || isHugePagesQuota(name);
  return isKnown ? [] : [invalidField(path, name, "must be a standard resource type or fully qualified")];
}

/** As checkResourceName, for what containers can ask for. */
export function checkContainerResourceName(path: string, name: string): readonly FieldError[] {
  const errors = checkResourceName(path, name);
  if (!name.includes("/")) {
    const problem = "must be a standard resource for containers";
    return isContainerResource(name) ? errors : [...errors, invalidField(path, name, problem)];
  }
  const isNamedWell = isNativeResource(name) || isExtendedResource(name);
  return isNamedWell ? errors : [...errors, invalidField(path, name, "doesn't follow extended resource name standard")];
}

/** As checkResourceName, for what a quota can limit. */
export function checkQuotaResourceName(path: string, name: string): readonly FieldError[] {
  const errors = checkResourceName(path, name);
  const isKnown = name.includes("/") || isQuotaResource(name);
  return isKnown ? errors : [...errors, invalidField(path, name, "must be a standard resource for quota")];
}
