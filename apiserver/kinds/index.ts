// The kinds with rules of their own. All others follow the general ones.

import type { ServiceAddressRanges } from "../addresses/service-address-ranges.ts";
import type { Random } from "../../lib/random.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import type { Store } from "../storage/store.ts";
import type { UsageScraper } from "../usage/usage-scraper.ts";
import { certificateRequestRules } from "./certificate-request-rules.ts";
import { componentStatusRules } from "./component-status-rules.ts";
import type { KindRules } from "./kind-rules.ts";
import { namespaceRules } from "./namespace-rules.ts";
import { nodeAllocationRules } from "./node-allocation-rules.ts";
import { nodeRules } from "./node-rules.ts";
import { podRules } from "./pod-rules.ts";
import { frameworkRules } from "./framework-rules.ts";
import { priorityClassRules } from "./priority-class-rules.ts";
import { reservationRules } from "./reservation-rules.ts";
import { resourceQuotaRules } from "./resource-quota-rules.ts";
import { serviceRules } from "./service-rules.ts";

export interface KindRulesOptions {
  readonly store: Store;
  readonly random: Random;
  readonly ranges: ServiceAddressRanges;
  readonly usage: Pick<UsageScraper, "nodes" | "pods">;
}

const NO_RULES: KindRules = {};

/** The rules of each kind, by `group/plural`. */
export function createKindRules(options: KindRulesOptions): (resource: ResourceDefinition) => KindRules {
  const rules: Readonly<Record<string, KindRules>> = {
    "/componentstatuses": componentStatusRules(options.store),
    "/endpoints": { createsOnUpdate: true },
    "/events": { createsOnUpdate: true, hasNoDependents: true },
    "/limitranges": { createsOnUpdate: true },
    "/namespaces": namespaceRules,
    "/nodes": nodeRules,
    "/persistentvolumeclaims": { returnsDeleted: true },
    "/persistentvolumes": { returnsDeleted: true },
    "/pods": podRules,
    "/podtemplates": { returnsDeleted: true },
    "/replicationcontrollers": { orphansDependents: true },
    "/resourcequotas": resourceQuotaRules(options.store),
    "/serviceaccounts": { returnsDeleted: true },
    "/services": serviceRules(options),
    "admissionregistration.k8s.io/mutatingadmissionpolicies": { requiresResourceVersion: true },
    "admissionregistration.k8s.io/mutatingadmissionpolicybindings": { requiresResourceVersion: true },
    "admissionregistration.k8s.io/mutatingwebhookconfigurations": { requiresResourceVersion: true },
    "admissionregistration.k8s.io/validatingadmissionpolicies": { requiresResourceVersion: true },
    "admissionregistration.k8s.io/validatingadmissionpolicybindings": { requiresResourceVersion: true },
    "admissionregistration.k8s.io/validatingwebhookconfigurations": { requiresResourceVersion: true },
    "apiextensions.k8s.io/customresourcedefinitions": { requiresResourceVersion: true },
    "apiregistration.k8s.io/apiservices": { requiresResourceVersion: true },
    "batch/jobs": { orphansDependents: true },
    "certificates.k8s.io/certificatesigningrequests": certificateRequestRules,
    "coordination.k8s.io/leases": { createsOnUpdate: true, requiresResourceVersion: true },
    "metrics.k8s.io/nodes": { compute: () => options.usage.nodes() },
    "metrics.k8s.io/pods": { compute: () => options.usage.pods() },
    "node.k8s.io/runtimeclasses": { createsOnUpdate: true, requiresResourceVersion: true },
    "placement.kctl.dev/nodeallocations": nodeAllocationRules(options.store),
    "policy/poddisruptionbudgets": { requiresResourceVersion: true },
    "rbac.authorization.k8s.io/clusterrolebindings": { createsOnUpdate: true },
    "rbac.authorization.k8s.io/clusterroles": { createsOnUpdate: true },
    "rbac.authorization.k8s.io/rolebindings": { createsOnUpdate: true },
    "rbac.authorization.k8s.io/roles": { createsOnUpdate: true },
    "resource.k8s.io/deviceclasses": { returnsDeleted: true },
    "resource.k8s.io/resourceclaims": { returnsDeleted: true },
    "resource.k8s.io/resourceclaimtemplates": { returnsDeleted: true },
    "resource.k8s.io/resourceslices": { returnsDeleted: true },
    "scheduling.k8s.io/priorityclasses": priorityClassRules(options.store),
    "scheduling.kctl.dev/frameworks": frameworkRules,
    "scheduling.kctl.dev/reservations": reservationRules,
    "storage.k8s.io/csidrivers": { requiresResourceVersion: true, returnsDeleted: true },
    "storage.k8s.io/csinodes": { requiresResourceVersion: true, returnsDeleted: true },
    "storage.k8s.io/csistoragecapacities": { requiresResourceVersion: true },
    "storage.k8s.io/storageclasses": { returnsDeleted: true },
    "storage.k8s.io/volumeattachments": { requiresResourceVersion: true, returnsDeleted: true },
  };
  return ({ group, plural }) => rules[`${group}/${plural}`] ?? NO_RULES;
}
