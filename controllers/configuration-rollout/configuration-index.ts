// Finds what belongs together without looking at everything: the Deployments that use a ConfigMap or Secret, and the copies that an
// owner keeps. Pure.

import type { Deployment } from "../../api/apps/deployment.ts";
import { followsConfiguration } from "../../api/apps/deployment-options.ts";
import type { ObjectKey } from "../../api/meta/object.ts";
import type { Indexers } from "../../client/informer.ts";
import { readPinnedNames } from "./pinned-template.ts";
import { isSnapshot, type Configuration } from "./snapshot.ts";
import { kindOf, referenceKey, referencesIn, type ConfigurationKind } from "./template-references.ts";

export const BY_CONFIGURATION = "configuration";
/** Copies by the uids of their owners. */
export const BY_OWNER = "snapshots-by-owner-uid";

export const configurationKey = (kind: ConfigurationKind, { namespace, name }: ObjectKey): string =>
  `${namespace}/${referenceKey({ kind, name })}`;

export const configurationIndexers: Indexers<Deployment> = {
  [BY_CONFIGURATION]: (deployment) => {
    if (!followsConfiguration(deployment)) return [];
    const named = referencesIn(deployment.spec.template).map(referenceKey);
    const copies = Object.entries(readPinnedNames(deployment) ?? {}).map(([key, name]) =>
      referenceKey({ kind: kindOf(key), name }),
    );
    return [...new Set([...named, ...copies])].map((key) => `${deployment.metadata.namespace}/${key}`);
  },
};

export const snapshotIndexers: Indexers<Configuration> = {
  [BY_OWNER]: (object) => (isSnapshot(object) ? (object.metadata.ownerReferences ?? []).map(({ uid }) => uid) : []),
};
