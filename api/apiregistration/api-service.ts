// HEADER: say what APIService is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  bytes,
  int32,
  listMap,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const serviceReference = object("io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference", "", {
  namespace: optional(1, string(), ""),
  name: optional(2, string(), ""),
  port: optional(3, int32(), ""),
});
export interface ServiceReference extends Infer<typeof serviceReference> {}

export const apiServiceSpec = object("io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec", "", {
  service: optional(1, serviceReference, ""),
  group: optional(2, string(), ""),
  version: optional(3, string(), ""),
  insecureSkipTLSVerify: optional(4, boolean(), ""),
  caBundle: optional(5, bytes(), ""),
  groupPriorityMinimum: required(7, int32(), ""),
  versionPriority: required(8, int32(), ""),
});
export interface APIServiceSpec extends Infer<typeof apiServiceSpec> {}

export const apiServiceCondition = object(
  "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition",
  "",
  {
    type: required(1, string(), ""),
    status: required(2, oneOf("True", "False", "Unknown"), ""),
    lastTransitionTime: optional(3, time(), ""),
    reason: optional(4, string(), ""),
    message: optional(5, string(), ""),
  },
);
export interface APIServiceCondition extends Infer<typeof apiServiceCondition> {}

export const apiServiceStatus = object("io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceStatus", "", {
  conditions: optional(1, listMap(apiServiceCondition, ["type"], { mergeKey: "type", strategy: "merge" }), ""),
});
export interface APIServiceStatus extends Infer<typeof apiServiceStatus> {}

export const apiService = kubeObject("io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService", "", {
  spec: present(2, apiServiceSpec, ""),
  status: present(3, apiServiceStatus, ""),
});
export interface APIService extends Infer<typeof apiService> {}

export const apiServices: ResourceDefinition<APIService> = {
  group: "apiregistration.k8s.io",
  version: "v1",
  kind: "APIService",
  plural: "apiservices",
  categories: ["api-extensions"],
  scope: "Cluster",
  schema: apiService,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
