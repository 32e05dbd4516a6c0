// HEADER: say what IPAddress is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, object, optional, present, string } from "../schema/schema.ts";

export const parentReference = object("io.k8s.api.networking.v1beta1.ParentReference", "", {
  group: optional(1, string(), ""),
  resource: optional(2, string(), ""),
  namespace: optional(3, string(), ""),
  name: optional(4, string(), ""),
});
export interface ParentReference extends Infer<typeof parentReference> {}

export const ipAddressSpec = object("io.k8s.api.networking.v1beta1.IPAddressSpec", "", {
  parentRef: optional(1, parentReference, ""),
});
export interface IPAddressSpec extends Infer<typeof ipAddressSpec> {}

export const ipAddress = kubeObject("io.k8s.api.networking.v1beta1.IPAddress", "", {
  spec: present(2, ipAddressSpec, ""),
});
export interface IPAddress extends Infer<typeof ipAddress> {}

export const ipAddresses: ResourceDefinition<IPAddress> = {
  group: "networking.k8s.io",
  version: "v1beta1",
  kind: "IPAddress",
  plural: "ipaddresses",
  shortNames: ["ip"],
  scope: "Cluster",
  schema: ipAddress,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
