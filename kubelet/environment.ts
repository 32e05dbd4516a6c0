// The environment of a container from all its sources, in Kubernetes' order: services, envFrom, then env, where later ones
// win and may refer to earlier ones. Pure; objects that are referred to are looked up by the caller.

import type { ConfigMap } from "../api/core/config-map.ts";
import type { Container } from "../api/core/container.ts";
import type { EnvFromSource, EnvVar } from "../api/core/env.ts";
import type { Pod } from "../api/core/pod.ts";
import type { Secret } from "../api/core/secret.ts";
import type { Service } from "../api/core/service.ts";
import { expandVariables } from "./expand-variables.ts";
import { readField, readResource, type DownwardFacts } from "./field-ref.ts";
import { serviceVariables } from "./service-environment.ts";
import { configError } from "./step-error.ts";

export interface EnvironmentSources {
  readonly services: readonly Service[];
  readonly facts: DownwardFacts;
  /** Undefined: there is no such object. */
  configMap(name: string): ConfigMap | undefined;
  secret(name: string): Secret | undefined;
}

/** Throws StepError CreateContainerConfigError, with Kubernetes' message, where a source is missing. */
export function buildEnvironment(pod: Pod, container: Container, sources: EnvironmentSources): Map<string, string> {
  const { namespace = "" } = pod.metadata;
  const links = pod.spec.enableServiceLinks ?? true;
  const services = serviceVariables(sources.services, { namespace, links });
  const result = new Map<string, string>();
  for (const from of container.envFrom ?? []) addAll(result, from, sources);
  for (const variable of container.env ?? []) {
    const known = new Map([...services, ...result]);
    const value = variable.valueFrom
      ? resolve(variable, { pod, container, sources })
      : expandVariables(variable.value ?? "", known);
    if (value !== undefined) result.set(variable.name, value);
  }
  return new Map([...services, ...result]);
}

function addAll(result: Map<string, string>, source: EnvFromSource, sources: EnvironmentSources): void {
  const { prefix = "" } = source;
  for (const [key, value] of Object.entries(readAll(source, sources))) result.set(prefix + key, value);
}

function readAll(
  { configMapRef, secretRef }: EnvFromSource,
  sources: EnvironmentSources,
): Readonly<Record<string, string>> {
  const kind = configMapRef ? "configmap" : "secret";
  const { name = "", optional } = configMapRef ?? secretRef ?? {};
  const found = configMapRef ? sources.configMap(name) : sources.secret(name);
  if (!found && !optional) throw configError(`${kind} "${name}" not found`);
  return (configMapRef ? found?.data : decodeAll(found?.data)) ?? {};
}

const decode = (base64: string) => Buffer.from(base64, "base64").toString();
const decodeAll = (data: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, decode(value)]));

interface Context {
  readonly pod: Pod;
  readonly container: Container;
  readonly sources: EnvironmentSources;
}

/** Undefined: an optional source is missing, and the variable is left out. */
function resolve({ valueFrom = {} }: EnvVar, { pod, container, sources }: Context): string | undefined {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef) return orConfigError(() => readField(fieldRef, pod, sources.facts));
  if (resourceFieldRef) {
    return orConfigError(() => readResource(resourceFieldRef, { pod, container: container.name }, sources.facts));
  }
  const { namespace = "" } = pod.metadata;
  if (configMapKeyRef) {
    const found = sources.configMap(configMapKeyRef.name ?? "");
    return lookUp(found && (found.data ?? {}), configMapKeyRef, { kind: "ConfigMap", namespace });
  }
  if (secretKeyRef) {
    const found = sources.secret(secretKeyRef.name ?? "");
    return lookUp(found && decodeAll(found.data), secretKeyRef, { kind: "Secret", namespace });
  }
  return "";
}

interface KeyReference {
  readonly name?: string;
  readonly key: string;
  readonly optional?: boolean;
}

function lookUp(
  data: Readonly<Record<string, string>> | undefined,
  { name = "", key, optional }: KeyReference,
  { kind, namespace }: { readonly kind: "ConfigMap" | "Secret"; readonly namespace: string },
): string | undefined {
  if (data && Object.hasOwn(data, key)) return data[key];
  if (optional) return undefined;
  throw configError(
    data ? `couldn't find key ${key} in ${kind} ${namespace}/${name}` : `${kind.toLowerCase()} "${name}" not found`,
  );
}

function orConfigError(read: () => string): string {
  try {
    return read();
  } catch (error) {
    throw configError((error as Error).message);
  }
}
