// Gives each namespace what pods in it take for granted: the ServiceAccount `default`.

import { namespaces, type Namespace } from "../api/core/namespace.ts";
import { serviceAccounts } from "../api/core/service-account.ts";
import { isAlreadyExists } from "../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler } from "../client/controller.ts";
import { isNamespaceTerminating } from "./namespace-terminating.ts";

export const serviceAccountController: Controller<Namespace> = {
  name: "service-account",
  for: namespaces,
  watches: [
    {
      resource: serviceAccounts,
      map: ({ object: { metadata } }) => (metadata.name === "default" ? [{ name: metadata.namespace ?? "" }] : []),
    },
  ],
  build: (deps) => new ServiceAccountReconciler(deps),
};

class ServiceAccountReconciler implements Reconciler<Namespace> {
  readonly #deps: ControllerDeps;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
  }

  async reconcile({ metadata: { name: namespace } }: Namespace): Promise<void> {
    const { client, informer } = this.#deps;
    if (informer(serviceAccounts).get({ namespace, name: "default" })) return;
    await client.create(serviceAccounts, { metadata: { namespace, name: "default" } }).catch(ignoreExisting);
  }

  async finalize(): Promise<void> {
    // A namespace on its way out gets nothing new.
  }
}

/** Also fine: the namespace is on its way out, which the cache does not show yet. */
function ignoreExisting(error: unknown): void {
  if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error;
}
