// The kinds that have a description of their own, by plural and group. Adding one is a describer and a line here.

import { certificateRequestDescriber } from "./certificate-request.ts";
import { configMapDescriber, namespaceDescriber, secretDescriber, serviceAccountDescriber } from "./data.ts";
import type { Describer } from "./describer.ts";
import { disruptionBudgetDescriber, replicationControllerDescriber } from "./disruption.ts";
import { cronJobDescriber, jobDescriber } from "./jobs.ts";
import { limitRangeDescriber, quotaDescriber } from "./limits.ts";
import { nodeDescriber } from "./node.ts";
import { describePod } from "./pod.ts";
import { endpointsDescriber, endpointSliceDescriber, serviceDescriber } from "./services.ts";
import { daemonSetDescriber, statefulSetDescriber } from "./sets.ts";
import { deploymentDescriber, replicaSetDescriber } from "./workloads.ts";

export const describers: Readonly<Record<string, Describer>> = {
  pods: { describe: describePod },
  nodes: nodeDescriber,
  services: serviceDescriber,
  endpoints: endpointsDescriber,
  "endpointslices.discovery.k8s.io": endpointSliceDescriber,
  "deployments.apps": deploymentDescriber,
  "replicasets.apps": replicaSetDescriber,
  replicationcontrollers: replicationControllerDescriber,
  "poddisruptionbudgets.policy": disruptionBudgetDescriber,
  "statefulsets.apps": statefulSetDescriber,
  "daemonsets.apps": daemonSetDescriber,
  "jobs.batch": jobDescriber,
  "cronjobs.batch": cronJobDescriber,
  namespaces: namespaceDescriber,
  configmaps: configMapDescriber,
  secrets: secretDescriber,
  serviceaccounts: serviceAccountDescriber,
  resourcequotas: quotaDescriber,
  limitranges: limitRangeDescriber,
  "certificatesigningrequests.certificates.k8s.io": certificateRequestDescriber,
};
