// APIService: says who serves a version of an API group. Its rules are in validate-api-service.ts; requests are not handed on
// to other servers yet.

import { prepareApiService } from "./api-service-strategy.ts";
import { validateApiService } from "./validate-api-service.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { keepSpecAndMetadata } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  bytes,
  completed,
  int32,
  listMap,
  object,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

const PACKAGE = "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1";

export const serviceReference = completed(
  object(`${PACKAGE}.ServiceReference`, "Names the service of an API server.", {
    namespace: optional(1, string(), "The service's namespace."),
    name: optional(2, string(), "The service's name."),
    port: optional(3, int32(), "The service's port; 443 unless given."),
  }),
  (draft) => {
    draft.port ??= 443;
  },
);
export interface ServiceReference extends Infer<typeof serviceReference> {}

export const apiServiceSpec = completed(
  object(`${PACKAGE}.APIServiceSpec`, "Which version of which group is served, by whom, and how it ranks.", {
    service: optional(
      1,
      serviceReference,
      "The service of the API server, which must speak HTTPS. Absent, the version is served here.",
    ),
    group: optional(2, string(), "The API group; empty for the core group."),
    version: optional(3, string(), "The version, such as v1."),
    insecureSkipTLSVerify: optional(
      4,
      boolean(),
      "If true, the server's certificate is not checked. Better give caBundle.",
    ),
    caBundle: optional(
      5,
      bytes(),
      "Certificates in PEM by which the server's certificate is checked; the system's unless given.",
    ),
    groupPriorityMinimum: required(
      7,
      int32(),
      "How the group ranks among groups, at least: 1 to 20000, the higher the earlier. Of a group's versions the highest counts.",
    ),
    versionPriority: required(
      8,
      int32(),
      "How the version ranks in its group: 1 to 1000, the higher the earlier. Equal ones are ordered by name, stable before beta before alpha.",
    ),
  }),
  (draft) => {
    draft.groupPriorityMinimum ??= 0;
    draft.versionPriority ??= 0;
  },
);
export interface APIServiceSpec extends Infer<typeof apiServiceSpec> {}

export const apiServiceCondition = object(`${PACKAGE}.APIServiceCondition`, "One aspect of an API service's state.", {
  type: required(1, string(), "The name of the aspect: Available."),
  status: required(2, string(), "Whether the condition holds: True, False or Unknown."),
  lastTransitionTime: optional(3, time(), "When the status last changed from one value to another."),
  reason: optional(4, string(), "Why it changed, in one CamelCase word."),
  message: optional(5, string(), "Why it changed, in words."),
});
export interface APIServiceCondition extends Infer<typeof apiServiceCondition> {}

export const apiServiceStatus = object(`${PACKAGE}.APIServiceStatus`, "Whether a version can be used.", {
  conditions: optional(
    1,
    listMap(apiServiceCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
    "Whether the version is available.",
  ),
});
export interface APIServiceStatus extends Infer<typeof apiServiceStatus> {}

export const apiService = kubeObject(
  `${PACKAGE}.APIService`,
  "Says who serves a version of an API group. Its name is VERSION.GROUP.",
  {
    spec: present(2, apiServiceSpec, "Which version is served, and by whom."),
    status: present(3, apiServiceStatus, "Whether it can be used."),
  },
);
export interface APIService extends Infer<typeof apiService> {}

export const apiServices: ResourceDefinition<APIService> = {
  group: "apiregistration.k8s.io",
  version: "v1",
  kind: "APIService",
  plural: "apiservices",
  categories: ["api-extensions"],
  scope: "Cluster",
  storagePath: "apiregistration.k8s.io/apiservices",
  schema: apiService,
  subresources: ["status"],
  validate: validateApiService,
  columns: [
    nameColumn,
    column("Service", { description: "The service that serves the version; Local for this server." }, ({ spec }) =>
      spec.service ? `${spec.service.namespace ?? ""}/${spec.service.name ?? ""}` : "Local",
    ),
    column("Available", { description: "Whether the version can be used." }, renderAvailability),
    ageColumn,
  ],
  prepare: prepareApiService,
  prepareStatus: keepSpecAndMetadata,
};

function renderAvailability({ status }: APIService): string {
  const available = status.conditions?.find(({ type }) => type === "Available");
  if (!available) return "Unknown";
  return available.status === "True" ? "True" : `${available.status} (${available.reason ?? ""})`;
}
