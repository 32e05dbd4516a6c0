// The ReplicaSet for a Deployment's current template: its name, labels and selector carry a hash of the template. Pure.

import type { Deployment } from "../../api/apps/deployment.ts";
import { deployments } from "../../api/apps/deployment.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { ownerReferenceTo } from "../../api/meta/owner.ts";
import { TEMPLATE_HASH } from "./history.ts";

/** The alphabet of Kubernetes' generated names: without vowels and look-alikes. */
const SAFE_LETTERS = "bcdfghjklmnpqrstvwxz2456789";

/** FNV-1a over the template's JSON with sorted keys, so that the same template always has the same hash. */
export function templateHash(deployment: Deployment): string {
  const text = canonicalJson(deployment.spec.template) + String(deployment.status.collisionCount ?? "");
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return [...String(hash)].map((digit) => SAFE_LETTERS[Number(digit)]).join("");
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

export interface NewReplicaSet {
  readonly replicas: number;
  readonly annotations: Readonly<Record<string, string>>;
}

export function buildReplicaSet(deployment: Deployment, size: NewReplicaSet): NewObject<ReplicaSet> {
  const { name, namespace } = deployment.metadata;
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = templateHash(deployment);
  const labels = { ...template.metadata?.labels, [TEMPLATE_HASH]: hash };
  return {
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels,
      annotations: size.annotations,
      ownerReferences: [ownerReferenceTo(deployment, deployments)],
    },
    spec: {
      replicas: size.replicas,
      minReadySeconds,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [TEMPLATE_HASH]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
