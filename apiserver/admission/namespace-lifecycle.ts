// Objects are created only in namespaces that exist and are not being deleted, and the cluster's own namespaces stay. That
// the namespace has not changed is checked by the transaction, so nothing can slip into one that is going.

import { namespaces, type Namespace } from "../../api/core/namespace.ts";
import { notFound, StatusError } from "../../api/meta/status.ts";
import { objectOf } from "../registry/view.ts";
import { isAbout, refused, type AdmissionRequest, type AdmissionStep, type Admitted } from "./admission-step.ts";

const IMMORTAL: readonly string[] = ["default", "kube-system", "kube-public"];

export const namespaceLifecycle: AdmissionStep = {
  name: "NamespaceLifecycle",
  admit(request) {
    const { operation, name, namespace } = request;
    if (operation === "DELETE" && isAbout(request, namespaces) && IMMORTAL.includes(name)) {
      throw refused(request, "this namespace may not be deleted");
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

function terminating(request: AdmissionRequest, namespace: string): StatusError {
  const detail = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { message, details } = refused(request, detail);
  const cause = {
    reason: "NamespaceTerminating",
    message: `namespace ${namespace} is being terminated`,
    field: "metadata.namespace",
  };
  return new StatusError("Forbidden", message, { details: { ...details, causes: [cause] } });
}
