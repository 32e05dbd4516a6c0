// Gives each namespace what pods in it take for granted: the ServiceAccount `default`, and, where the cluster's certificate
// authority is known, the ConfigMap that carries it.

import { configMaps } from "../api/core/config-map.ts";
import { namespaces, type Namespace } from "../api/core/namespace.ts";
import { serviceAccounts } from "../api/core/service-account.ts";
import type { KubeObject } from "../api/meta/object.ts";
import { isAlreadyExists } from "../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler, WatchRule } from "../client/controller.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import { isNamespaceTerminating } from "./namespace-terminating.ts";

const ROOT_CA = "kube-root-ca.crt";

export interface ServiceAccountOptions {
  /** PEM; nothing is published without it. */
  readonly certificateAuthority?: string;
}

export const serviceAccountController = (options: ServiceAccountOptions): Controller<Namespace> => ({
  name: "service-account",
  for: namespaces,
  watches: [
    restoring(serviceAccounts, "default"),
    ...(options.certificateAuthority ? [restoring(configMaps, ROOT_CA)] : []),
  ],
  build: (deps) => new ServiceAccountReconciler(deps, options),
});

/** An object of this name that somebody changes or deletes is put right. */
function restoring<W extends KubeObject>(resource: ResourceDefinition<W>, name: string): WatchRule<W> {
  return {
    resource,
    map: ({ object: { metadata } }) => (metadata.name === name ? [{ name: metadata.namespace ?? "" }] : []),
  };
}

class ServiceAccountReconciler implements Reconciler<Namespace> {
  readonly #deps: ControllerDeps;
  readonly #options: ServiceAccountOptions;

  constructor(deps: ControllerDeps, options: ServiceAccountOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  async reconcile({ metadata: { name: namespace } }: Namespace): Promise<void> {
    const { client, informer } = this.#deps;
    if (!informer(serviceAccounts).get({ namespace, name: "default" })) {
      await client.create(serviceAccounts, { metadata: { namespace, name: "default" } }).catch(ignoreExisting);
    }
    if (this.#options.certificateAuthority) await this.#publish(namespace, this.#options.certificateAuthority);
  }

  async finalize(): Promise<void> {
    // A namespace on its way out gets nothing new.
  }

  async #publish(namespace: string, certificateAuthority: string): Promise<void> {
    const { client, informer } = this.#deps;
    const data = { "ca.crt": certificateAuthority };
    const current = informer(configMaps).get({ namespace, name: ROOT_CA });
    if (!current) {
      const metadata = { namespace, name: ROOT_CA };
      await client.create(configMaps, { metadata, data }).catch(ignoreExisting);
    } else if (current.data?.["ca.crt"] !== certificateAuthority) {
      await client.update(configMaps, { ...current, data });
    }
  }
}

/** Also fine: the namespace is on its way out, which the cache does not show yet. */
function ignoreExisting(error: unknown): void {
  if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error;
}
