// Every pod has a service account, which exists, and unless somebody does not want that, a token of it in each container.

import type { Container } from "../../api/core/container.ts";
import { pods, type Pod, type PodSpec } from "../../api/core/pod.ts";
import { serviceAccounts, type ServiceAccount } from "../../api/core/service-account.ts";
import type { Volume } from "../../api/core/volume.ts";
import { nameSuffix } from "../../lib/random.ts";
import { objectOf } from "../registry/view.ts";
import { isAbout, refused, type AdmissionRequest, type AdmissionStep } from "./admission-step.ts";
import { findForbiddenSecret, findForbiddenEphemeralSecret, isMirror, mirrorProblem } from "./pod-secrets.ts";

const DEFAULT_NAME = "default";
const TOKEN_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";
const VOLUME_PREFIX = "kube-api-access-";
/** Servers let tokens of this life be used longer, by programs that read theirs only once. */
const TOKEN_SECONDS = 3607;
const ENFORCED = "kubernetes.io/enforce-mountable-secrets";
const TRUE: readonly unknown[] = ["1", "t", "T", "true", "TRUE", "True"];

export const serviceAccount: AdmissionStep = {
  name: "ServiceAccount",
  admit: (request) => (isNewPod(request) ? complete(request, request.object as Pod) : undefined),
  validate: (request) => {
    if (isNewPod(request)) return check(request, request.object as Pod);
    return isDebugged(request) ? checkEphemeral(request, request.object as Pod) : undefined;
  },
};

const isNewPod = (request: AdmissionRequest) => request.operation === "CREATE" && isAbout(request, pods);

const isDebugged = ({ operation, served, subresource }: AdmissionRequest) =>
  operation === "UPDATE" && subresource === "ephemeralcontainers" && served.resource.plural === pods.plural;

async function complete(request: AdmissionRequest, pod: Pod) {
  // The pod of a node's own file cannot be changed: its kubelet would take it for another one.
  if (isMirror(pod)) return undefined;
  const name = pod.spec.serviceAccountName || DEFAULT_NAME;
  const account = await findAccount(request, name);
  const { imagePullSecrets = [] } = pod.spec;
  const spec: PodSpec = {
    ...pod.spec,
    serviceAccountName: name,
    serviceAccount: name,
    ...(imagePullSecrets.length === 0 && account.imagePullSecrets && { imagePullSecrets: account.imagePullSecrets }),
  };
  const mounts = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  const object: Pod = { ...pod, spec: mounts ? mountToken(spec, () => nameSuffix(request.random)) : spec };
  return { object };
}

/** Containers that have something else at the usual place keep it. Exported for its test. */
export function mountToken(spec: PodSpec, suffix: () => string): PodSpec {
  const { volumes = [], containers, initContainers } = spec;
  const needsToken = [...containers, ...(initContainers ?? [])].some((container) => !hasToken(container));
  if (!needsToken) return spec;
  const known = volumes.find(({ name }) => name.startsWith(VOLUME_PREFIX));
  const volume = known ?? tokenVolume(VOLUME_PREFIX + suffix());
  const mount = { name: volume.name, readOnly: true, mountPath: TOKEN_DIRECTORY };
  const withToken = (container: Container): Container =>
    hasToken(container) ? container : { ...container, volumeMounts: [...(container.volumeMounts ?? []), mount] };
  return {
    ...spec,
    containers: containers.map(withToken),
    ...(initContainers && { initContainers: initContainers.map(withToken) }),
    ...(!known && { volumes: [...volumes, volume] }),
  };
}

const hasToken = ({ volumeMounts = [] }: Container) =>
  volumeMounts.some(({ mountPath }) => mountPath === TOKEN_DIRECTORY);

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    defaultMode: 0o644,
    sources: [
      { serviceAccountToken: { path: "token", expirationSeconds: TOKEN_SECONDS } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      {
        downwardAPI: {
          items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
        },
      },
    ],
  },
});

async function check(request: AdmissionRequest, pod: Pod) {
  if (isMirror(pod)) {
    const problem = mirrorProblem(pod);
    if (problem !== undefined) throw refused(request, problem);
    return undefined;
  }
  const account = await findAccount(request, pod.spec.serviceAccountName ?? "");
  const problem = isEnforced(account) ? findForbiddenSecret(pod, account) : undefined;
  if (problem !== undefined) throw refused(request, problem);
  return undefined;
}

async function checkEphemeral(request: AdmissionRequest, pod: Pod) {
  const account = await findAccount(request, pod.spec.serviceAccountName ?? "");
  const problem = isEnforced(account) ? findForbiddenEphemeralSecret(pod, account) : undefined;
  if (problem !== undefined) throw refused(request, problem);
  return undefined;
}

const isEnforced = ({ metadata }: ServiceAccount) => TRUE.includes(metadata.annotations?.[ENFORCED]);

/** In all about a second and a half: a new namespace gets its default account from a controller. */
const DELAYS_MS: readonly number[] = [25, 50, 100, 200, 200, 200, 200, 200, 200, 200];

async function findAccount(request: AdmissionRequest, name: string): Promise<ServiceAccount> {
  const { view, resources, namespace = "" } = request;
  const served = resources.require(serviceAccounts);
  const find = async () => {
    const entry = await view.get(served, { namespace, name });
    return entry && objectOf<ServiceAccount>(entry);
  };
  const found = await find();
  if (found) return found;
  for (const delayMs of [0, ...(name === DEFAULT_NAME ? DELAYS_MS : [])]) {
    if (delayMs > 0) await request.pause(delayMs);
    await served.cache.fresh();
    const account = await find();
    if (account) return account;
  }
  const problem = `serviceaccount ${JSON.stringify(name)} not found`;
  throw refused(request, `error looking up service account ${namespace}/${name}: ${problem}`);
}
