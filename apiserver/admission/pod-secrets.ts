// Which secrets a pod may refer to: a service account can be told to let its pods use only those that it names itself, and
// the pods of a node's own files may use none. Each function finds the first that is not allowed, in Kubernetes' words. Pure.

import type { Container, EphemeralContainer } from "../../api/core/container.ts";
import type { Pod, PodSpec } from "../../api/core/pod.ts";
import type { ServiceAccount } from "../../api/core/service-account.ts";

const MIRROR = "kubernetes.io/config.mirror";

/** The pod stands for one that a kubelet runs from a file. */
export const isMirror = ({ metadata }: Pod): boolean => metadata.annotations?.[MIRROR] !== undefined;

export function mirrorProblem({ spec }: Pod): string | undefined {
  if (spec.serviceAccountName) return "a mirror pod may not reference service accounts";
  const { containers, initContainers = [], ephemeralContainers = [], imagePullSecrets = [], volumes = [] } = spec;
  const all = [...containers, ...initContainers, ...ephemeralContainers];
  const usesSecrets =
    imagePullSecrets.length > 0 ||
    all.some(
      (container) => variablesOf(container).length > 0 || container.envFrom?.some(({ secretRef }) => secretRef),
    ) ||
    volumes.some(({ secret, projected }) => secret ?? projected?.sources?.some((source) => source.secret));
  if (usesSecrets) return "a mirror pod may not reference secrets";
  const usesToken = volumes.some(({ projected }) => projected?.sources?.some((source) => source.serviceAccountToken));
  return usesToken ? "a mirror pod may not use ServiceAccountToken volume projections" : undefined;
}

export const findForbiddenSecret = ({ spec }: Pod, account: ServiceAccount): string | undefined =>
  findForbiddenVolume(spec, account) ??
  findForbiddenVariable("init container", spec.initContainers, account) ??
  findForbiddenVariable("container", spec.containers, account) ??
  findForbiddenPullSecret(spec, account);

function findForbiddenVolume({ volumes = [] }: PodSpec, account: ServiceAccount): string | undefined {
  const allowed = namesOf(account.secrets);
  const found = volumes.find(({ secret }) => secret && !allowed.has(secret.secretName))?.secret;
  return (
    found &&
    `volume with secret.secretName="${found.secretName ?? ""}" is not allowed because service account ${account.metadata.name} does not reference that secret`
  );
}

function findForbiddenPullSecret({ imagePullSecrets = [] }: PodSpec, account: ServiceAccount): string | undefined {
  const allowed = namesOf(account.imagePullSecrets);
  const index = imagePullSecrets.findIndex(({ name }) => !allowed.has(name));
  if (index < 0) return undefined;
  return `imagePullSecrets[${index}].name="${imagePullSecrets[index]?.name ?? ""}" is not allowed because service account ${account.metadata.name} does not reference that imagePullSecret`;
}

export const findForbiddenEphemeralSecret = ({ spec }: Pod, account: ServiceAccount): string | undefined =>
  findForbiddenVariable("ephemeral container", spec.ephemeralContainers, account);

type AnyContainer = Container | EphemeralContainer;

function findForbiddenVariable(
  role: string,
  containers: readonly AnyContainer[] = [],
  account: ServiceAccount,
): string | undefined {
  const allowed = namesOf(account.secrets);
  for (const container of containers) {
    const found = variablesOf(container).find(({ secret }) => !allowed.has(secret));
    if (found) {
      return `${role} ${container.name} with envVar ${found.name} referencing secret.secretName="${found.secret}" is not allowed because service account ${account.metadata.name} does not reference that secret`;
    }
  }
  return undefined;
}

/** The variables whose value comes from a secret. */
const variablesOf = ({ env = [] }: AnyContainer) =>
  env.flatMap(({ name, valueFrom }) =>
    valueFrom?.secretKeyRef ? [{ name, secret: valueFrom.secretKeyRef.name ?? "" }] : [],
  );

const namesOf = (references: readonly { readonly name?: string }[] = []) => new Set(references.map(({ name }) => name));
