// IPAddress: records that an address is in use, and by what: one for each address of a service. The object's name is the
// address, so that none can be given away twice. Its rules are in validate-ip-address.ts.

import { kubeObject } from "../meta/object.ts";
import { sameShape } from "../meta/same-shape.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, object, optional, present, string } from "../schema/schema.ts";
import { validateIPAddress } from "./validate-ip-address.ts";

/** Both versions have the same fields. */
function ipAddressIn(version: "v1" | "v1beta1") {
  const parentRef = object(`io.k8s.api.networking.${version}.ParentReference`, "Names what uses an address.", {
    group: optional(1, string(), "The API group of the object; empty for the core group."),
    resource: optional(2, string(), "The plural of the object's kind, such as services. Required."),
    namespace: optional(3, string(), "The namespace of the object."),
    name: optional(4, string(), "The name of the object. Required."),
  });
  const spec = object(`io.k8s.api.networking.${version}.IPAddressSpec`, "What uses an address.", {
    parentRef: optional(1, parentRef, "The object that uses the address. Required, and it cannot be changed."),
  });
  return kubeObject(
    `io.k8s.api.networking.${version}.IPAddress`,
    "Records that an address is in use. Its name is the address in canonical form, such as 10.96.0.1 or 2001:db8::1.",
    { spec: present(2, spec, "What uses it.") },
  );
}

export const ipAddress = ipAddressIn("v1");
export interface IPAddress extends Infer<typeof ipAddress> {}

/** Who keeps the record: kube-apiserver's label and its value for addresses of services. */
export const MANAGED_BY_LABEL = "ipaddress.kubernetes.io/managed-by";
export const SERVICE_ALLOCATOR = "ipallocator.k8s.io";
export const IP_FAMILY_LABEL = "ipaddress.kubernetes.io/ip-family";

export const ipAddresses: ResourceDefinition<IPAddress> = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "IPAddress",
  plural: "ipaddresses",
  shortNames: ["ip"],
  scope: "Cluster",
  schema: ipAddress,
  validate: validateIPAddress,
  columns: [
    nameColumn,
    column("ParentRef", { description: "What uses the address." }, ({ spec }) => renderParent(spec.parentRef)),
    ageColumn,
  ],
};

export const ipAddressesV1Beta1: ResourceDefinition<IPAddress> = {
  ...ipAddresses,
  version: "v1beta1",
  schema: ipAddressIn("v1beta1"),
  conversion: sameShape("v1beta1", ipAddresses),
};

/** `services/default/kubernetes`. */
function renderParent(parent: IPAddress["spec"]["parentRef"]): string {
  if (!parent) return "<none>";
  const { group, resource = "", namespace, name = "" } = parent;
  const kind = (group ? `${resource}.${group}` : resource).toLowerCase();
  return [kind, ...(namespace ? [namespace] : []), name].join("/");
}
