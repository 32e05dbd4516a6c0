// Publishes in every namespace the certificate authority by which pods believe the API server, and restores what somebody
// changes or deletes.

import { configMaps, type ConfigMap } from "../api/core/config-map.ts";
import { namespaces, type Namespace } from "../api/core/namespace.ts";
import { isAlreadyExists } from "../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler } from "../client/controller.ts";
import { isNamespaceTerminating } from "./namespace-terminating.ts";

const ROOT_CA = "kube-root-ca.crt";

export interface RootCaPublisherOptions {
  /** PEM; nothing is published without it. */
  readonly certificateAuthority?: string;
}

export const rootCaPublisherController = ({ certificateAuthority }: RootCaPublisherOptions): Controller<Namespace> => ({
  name: "root-ca-publisher",
  for: namespaces,
  watches: [
    {
      resource: configMaps,
      map: ({ object: { metadata } }) => (metadata.name === ROOT_CA ? [{ name: metadata.namespace ?? "" }] : []),
    },
  ],
  build: (deps) => new RootCaPublisher(deps, certificateAuthority ?? ""),
});

class RootCaPublisher implements Reconciler<Namespace> {
  readonly #deps: ControllerDeps;
  readonly #certificateAuthority: string;

  constructor(deps: ControllerDeps, certificateAuthority: string) {
    this.#deps = deps;
    this.#certificateAuthority = certificateAuthority;
  }

  async reconcile({ metadata: { name: namespace } }: Namespace): Promise<void> {
    if (!this.#certificateAuthority) return;
    const { client, informer } = this.#deps;
    const data = { "ca.crt": this.#certificateAuthority };
    const current = informer<ConfigMap>(configMaps).get({ namespace, name: ROOT_CA });
    if (!current) {
      await client.create(configMaps, { metadata: { namespace, name: ROOT_CA }, data }).catch(ignoreExisting);
    } else if (current.data?.["ca.crt"] !== this.#certificateAuthority) {
      await client.update(configMaps, { ...current, data });
    }
  }

  async finalize(): Promise<void> {
    // A namespace on its way out gets nothing new.
  }
}

/** Also fine: the namespace is on its way out, which the cache does not show yet. */
function ignoreExisting(error: unknown): void {
  if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error;
}
