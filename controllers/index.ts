// The controllers of a cluster. Adding one is a file of its own and a line here.

import type { ResourceDefinition } from "../api/resource.ts";
import type { Controller } from "../client/controller.ts";
import { certificateApproverController } from "./certificates/approver.ts";
import { certificateCleanerController } from "./certificates/cleaner.ts";
import { certificateSignerController, type CertificateSignerOptions } from "./certificates/signer.ts";
import { claimProtectionController } from "./claim-protection.ts";
import { clusterRoleAggregationController } from "./cluster-role-aggregation/controller.ts";
import { daemonSetController } from "./daemon-set/controller.ts";
import { configurationRolloutController } from "./configuration-rollout/controller.ts";
import { cronJobController } from "./cron-job/controller.ts";
import { deploymentController } from "./deployment/controller.ts";
import { disruptionController } from "./disruption/controller.ts";
import { staleDisruptionController } from "./disruption/stale-disruption.ts";
import { endpointSliceController } from "./endpoints/endpoint-slice.ts";
import { endpointsController } from "./endpoints/endpoints.ts";
import { jobController } from "./job/controller.ts";
import { jobOrphanPodsController } from "./job/orphan-pods.ts";
import { horizontalPodAutoscalerController } from "./horizontal-pod-autoscaler/controller.ts";
import { endpointSliceMirroringController } from "./endpoints/mirroring/controller.ts";
import { namespaceController } from "./namespace.ts";
import { nodeLifecycleController, type NodeLifecycleOptions } from "./node-lifecycle/controller.ts";
import { volumeBinderController } from "./persistent-volume/binder.ts";
import { ephemeralClaimController } from "./persistent-volume/ephemeral-claims.ts";
import { volumeExpanderController } from "./persistent-volume/expander.ts";
import { volumeReclaimerController, type VolumeReclaimerOptions } from "./persistent-volume/reclaimer.ts";
import { podCleanupController } from "./pod-cleanup.ts";
import { reclamationController } from "./reclamation.ts";
import { replicaSetController } from "./replicaset/controller.ts";
import { replicationControllerController } from "./replication-controller/controller.ts";
import { resourceQuotaController } from "./resource-quota.ts";
import { rootCaPublisherController, type RootCaPublisherOptions } from "./root-ca-publisher.ts";
import { serviceAccountController } from "./service-account.ts";
import { serviceAccountTokenController, type ServiceAccountTokenOptions } from "./service-account-token.ts";
import { startOrderController } from "./start-order/start-controller.ts";
import { stopOrderControllers } from "./start-order/stop-controller.ts";
import { statefulSetController } from "./stateful-set/controller.ts";
import { taintEvictionController } from "./taint-eviction.ts";
import { ttlAfterFinishedController } from "./ttl-after-finished.ts";
import { volumeProtectionController } from "./volume-protection.ts";

export interface ControllerOptions
  extends
    CertificateSignerOptions,
    NodeLifecycleOptions,
    RootCaPublisherOptions,
    ServiceAccountTokenOptions,
    VolumeReclaimerOptions {
  /** The kinds that the API server serves. */
  readonly resources: readonly ResourceDefinition[];
}

export const builtinControllers = (options: ControllerOptions): readonly Controller[] => [
  deploymentController,
  configurationRolloutController,
  replicaSetController,
  replicationControllerController,
  statefulSetController,
  daemonSetController,
  jobController,
  jobOrphanPodsController,
  cronJobController,
  ttlAfterFinishedController,
  horizontalPodAutoscalerController,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroringController,
  nodeLifecycleController(options),
  taintEvictionController,
  reclamationController,
  podCleanupController,
  namespaceController(options.resources),
  serviceAccountController,
  rootCaPublisherController(options),
  serviceAccountTokenController(options),
  resourceQuotaController(options.resources),
  claimProtectionController,
  volumeProtectionController,
  volumeBinderController,
  volumeReclaimerController(options),
  volumeExpanderController,
  ephemeralClaimController,
  clusterRoleAggregationController,
  disruptionController,
  staleDisruptionController,
  certificateApproverController,
  certificateSignerController(options),
  certificateCleanerController,
  startOrderController,
  ...stopOrderControllers,
];
