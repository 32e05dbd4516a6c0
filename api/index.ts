// The kinds that ship in the box. Adding one is a file of its own and a line here.

import { componentStatuses } from "./core/component-status.ts";
import { configMaps } from "./core/config-map.ts";
import { endpoints } from "./core/endpoints.ts";
import { events } from "./core/event.ts";
import { limitRanges } from "./core/limit-range.ts";
import { namespaces } from "./core/namespace.ts";
import { nodes } from "./core/node.ts";
import { persistentVolumes } from "./core/persistent-volume.ts";
import { persistentVolumeClaims } from "./core/persistent-volume-claim.ts";
import { pods } from "./core/pod.ts";
import { podTemplates } from "./core/pod-template-object.ts";
import { replicationControllers } from "./core/replication-controller.ts";
import { resourceQuotas } from "./core/resource-quota.ts";
import { secrets } from "./core/secret.ts";
import { services } from "./core/service.ts";
import { serviceAccounts } from "./core/service-account.ts";
import { mutatingAdmissionPolicies } from "./admissionregistration/mutating-admission-policy.ts";
import { mutatingAdmissionPolicyBindings } from "./admissionregistration/mutating-admission-policy-binding.ts";
import { mutatingWebhookConfigurations } from "./admissionregistration/mutating-webhook-configuration.ts";
import { validatingAdmissionPolicies } from "./admissionregistration/validating-admission-policy.ts";
import { validatingAdmissionPolicyBindings } from "./admissionregistration/validating-admission-policy-binding.ts";
import { validatingWebhookConfigurations } from "./admissionregistration/validating-webhook-configuration.ts";
import { customResourceDefinitions } from "./apiextensions/custom-resource-definition.ts";
import { apiServices } from "./apiregistration/api-service.ts";
import { controllerRevisions } from "./apps/controller-revision.ts";
import { daemonSets } from "./apps/daemon-set.ts";
import { deployments } from "./apps/deployment.ts";
import { replicaSets } from "./apps/replica-set.ts";
import { statefulSets } from "./apps/stateful-set.ts";
import { horizontalPodAutoscalers } from "./autoscaling/horizontal-pod-autoscaler.ts";
import { horizontalPodAutoscalersV1 } from "./autoscaling/horizontal-pod-autoscaler-v1.ts";
import { cronJobs } from "./batch/cron-job.ts";
import { jobs } from "./batch/job.ts";
import { certificateSigningRequests } from "./certificates/certificate-signing-request.ts";
import { leases } from "./coordination/lease.ts";
import { endpointSlices } from "./discovery/endpoint-slice.ts";
import { eventsV1 } from "./events/event.ts";
import { flowSchemas } from "./flowcontrol/flow-schema.ts";
import { priorityLevelConfigurations } from "./flowcontrol/priority-level-configuration.ts";
import { ingresses } from "./networking/ingress.ts";
import { ingressClasses } from "./networking/ingress-class.ts";
import { ipAddresses, ipAddressesV1Beta1 } from "./networking/ip-address.ts";
import { networkPolicies } from "./networking/network-policy.ts";
import { serviceCIDRs, serviceCIDRsV1Beta1 } from "./networking/service-cidr.ts";
import { runtimeClasses } from "./node/runtime-class.ts";
import { podDisruptionBudgets } from "./policy/pod-disruption-budget.ts";
import { clusterRoles } from "./rbac/cluster-role.ts";
import { clusterRoleBindings } from "./rbac/cluster-role-binding.ts";
import { roles } from "./rbac/role.ts";
import { roleBindings } from "./rbac/role-binding.ts";
import { deviceClasses } from "./resource/device-class.ts";
import { resourceClaims } from "./resource/resource-claim.ts";
import { resourceClaimTemplates } from "./resource/resource-claim-template.ts";
import { resourceSlices } from "./resource/resource-slice.ts";
import { priorityClasses } from "./scheduling/priority-class.ts";
import { podGroups } from "./kctl-scheduling/pod-group.ts";
import { queues } from "./kctl-scheduling/queue.ts";
import { frameworks } from "./kctl-scheduling/framework.ts";
import { frameworkRoles } from "./kctl-scheduling/framework-role.ts";
import { offers } from "./kctl-scheduling/offer.ts";
import { reservations } from "./kctl-scheduling/reservation.ts";
import { csiDrivers } from "./storage/csi-driver.ts";
import { csiNodes } from "./storage/csi-node.ts";
import { csiStorageCapacities } from "./storage/csi-storage-capacity.ts";
import { storageClasses } from "./storage/storage-class.ts";
import { volumeAttachments } from "./storage/volume-attachment.ts";
import { nodeMetricsList } from "./metrics/node-metrics.ts";
import { podMetricsList } from "./metrics/pod-metrics.ts";
import { selfSubjectReviews } from "./authentication/self-subject-review.ts";
import { tokenReviews } from "./authentication/token-review.ts";
import { localSubjectAccessReviews } from "./authorization/local-subject-access-review.ts";
import { selfSubjectAccessReviews } from "./authorization/self-subject-access-review.ts";
import { selfSubjectRulesReviews } from "./authorization/self-subject-rules-review.ts";
import { subjectAccessReviews } from "./authorization/subject-access-review.ts";
import { bindings } from "./core/binding.ts";
import { nodeAllocations } from "./placement/node-allocation.ts";
import { creations } from "./bulk/creation.ts";
import { placements } from "./placement/placement.ts";
import type { ResourceDefinition } from "./resource.ts";

export const builtinResources: readonly ResourceDefinition[] = [
  componentStatuses,
  configMaps,
  endpoints,
  events,
  limitRanges,
  namespaces,
  nodes,
  persistentVolumes,
  persistentVolumeClaims,
  pods,
  podTemplates,
  replicationControllers,
  resourceQuotas,
  secrets,
  services,
  serviceAccounts,
  mutatingWebhookConfigurations,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  validatingWebhookConfigurations,
  customResourceDefinitions,
  apiServices,
  controllerRevisions,
  daemonSets,
  deployments,
  replicaSets,
  statefulSets,
  horizontalPodAutoscalers,
  horizontalPodAutoscalersV1,
  cronJobs,
  jobs,
  certificateSigningRequests,
  leases,
  endpointSlices,
  eventsV1,
  flowSchemas,
  priorityLevelConfigurations,
  ingresses,
  ingressClasses,
  ipAddresses,
  ipAddressesV1Beta1,
  networkPolicies,
  serviceCIDRs,
  serviceCIDRsV1Beta1,
  runtimeClasses,
  podDisruptionBudgets,
  clusterRoles,
  clusterRoleBindings,
  roles,
  roleBindings,
  deviceClasses,
  resourceClaims,
  resourceClaimTemplates,
  resourceSlices,
  priorityClasses,
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  storageClasses,
  volumeAttachments,
  nodeMetricsList,
  podMetricsList,
  nodeAllocations,
  podGroups,
  queues,
  frameworks,
  frameworkRoles,
  offers,
  reservations,
];

/** Kinds that are served where --runtime-config asks for their version. */
export const optionalResources: readonly ResourceDefinition[] = [
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
];

/** What can only be created, and is stored nowhere. */
export const virtualResources: readonly ResourceDefinition[] = [
  bindings,
  localSubjectAccessReviews,
  creations,
  placements,
  selfSubjectAccessReviews,
  selfSubjectReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
  tokenReviews,
];
