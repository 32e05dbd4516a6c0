// Objects are created only in namespaces that exist and are not being deleted, and the cluster's own namespaces stay. That
// the namespace has not changed is checked by the transaction, so nothing can slip into one that is going.

import { namespaces, type Namespace } from "../../api/core/namespace.ts";
import { forbidden, notFound, StatusError } from "../../api/meta/status.ts";
import { objectOf } from "../registry/view.ts";
import type { AdmissionRequest, AdmissionStep, Admitted } from "./admission-step.ts";

const IMMORTAL: readonly string[] = ["default", "kube-system", "kube-public"];

export const namespaceLifecycle: AdmissionStep = {
  name: "NamespaceLifecycle",
  admit(request) {
    const { operation, served, name, namespace } = request;
    const isNamespace = served.resource.plural === namespaces.plural && served.resource.group === namespaces.group;
    if (isNamespace && operation === "DELETE" && IMMORTAL.includes(name)) {
      throw forbidden(namespaces, name, "this namespace may not be deleted");
    }
    return operation === "CREATE" && namespace && !request.subresource ? admitInto(request, namespace) : undefined;
  },
};

async function admitInto(request: AdmissionRequest, namespace: string): Promise<Admitted> {
  const entry = await request.view.get(request.resources.require(namespaces), { name: namespace });
  if (!entry) throw notFound(namespaces, namespace);
  const { metadata, status } = objectOf<Namespace>(entry);
  if (metadata.deletionTimestamp || status.phase === "Terminating") throw terminating(request, namespace);
  return { besides: { checks: [{ key: entry.key, revision: entry.revision }] } };
}

function terminating({ served, name }: AdmissionRequest, namespace: string): StatusError {
  const detail = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { message, details } = forbidden(served.resource, name, detail);
  const cause = {
    reason: "NamespaceTerminating",
    message: `namespace ${namespace} is being terminated`,
    field: "metadata.namespace",
  };
  return new StatusError("Forbidden", message, { details: { ...details, causes: [cause] } });
}
