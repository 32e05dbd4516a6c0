// Rules for the containers of a pod, from Kubernetes' pod validation.

import type { Container, EphemeralContainer } from "./container.ts";
import { isSidecar } from "./pod-state.ts";
import { validateEnv, validateEnvFrom } from "./validate-env.ts";
import { validateMounts, type VolumesByName } from "./validate-mounts.ts";
import { validateContainerPorts, validateHostPorts } from "./validate-port.ts";
import { validateHooks } from "./validate-probe.ts";
import { validateResources } from "./validate-resources.ts";
import { validateSecurityContext } from "./validate-security-context.ts";
import { checkRequired, checkRequiredFormat, eachItem, when } from "../meta/field-checks.ts";
import { labelProblems } from "../meta/names.ts";
import {
  duplicateField,
  forbiddenField,
  invalidField,
  notFoundField,
  requiredField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export interface PodContext {
  readonly volumes: VolumesByName;
  readonly claimNames: ReadonlySet<string>;
  readonly graceSeconds: number;
  /** A pod template is checked a little less strictly than a pod. */
  readonly isTemplate: boolean;
}

interface Containers {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly ephemeralContainers?: readonly EphemeralContainer[];
}

export function validateContainers(spec: Containers, path: string, context: PodContext): Errors {
  const names = new Set<string>();
  const checkName = (name: string, at: string): Errors => {
    const isTaken = name && names.has(name);
    names.add(name);
    return when(isTaken, duplicateField(`${at}.name`, name));
  };
  return [
    ...when(!spec.containers?.length, requiredField(`${path}.containers`)),
    ...eachItem(spec.containers, `${path}.containers`, (container, at) => [
      ...validateContainer(container, at, context),
      ...checkName(container.name, at),
      ...validateHooks(container, at, context.graceSeconds),
      ...when(container.restartPolicy, forbiddenField(`${at}.restartPolicy`, "may not be set for non-init containers")),
    ]),
    ...validateHostPorts(spec.containers, `${path}.containers`),
    ...eachItem(spec.initContainers, `${path}.initContainers`, (container, at) => [
      ...validateContainer(container, at, context),
      ...checkName(container.name, at),
      ...validateInitHooks(container, at, context.graceSeconds),
    ]),
    ...eachItem(spec.ephemeralContainers, `${path}.ephemeralContainers`, (container, at) => [
      ...validateContainer(container, at, context),
      ...checkName(container.name, at),
      ...validateEphemeral(container, at, spec),
    ]),
  ];
}

type AnyContainer = Omit<Container, "restartPolicy">;

function validateContainer(container: AnyContainer, path: string, context: PodContext): Errors {
  const { name, image, ports, env, envFrom, resources, securityContext } = container;
  const hasSpace = !context.isTemplate && image !== undefined && image !== image.trim();
  return [
    ...checkRequiredFormat(`${path}.name`, name, labelProblems),
    ...checkRequired(`${path}.image`, image),
    ...when(hasSpace, invalidField(`${path}.image`, image, "must not have leading or trailing whitespace")),
    ...validateContainerPorts(ports, `${path}.ports`),
    ...validateEnv(env, `${path}.env`),
    ...validateEnvFrom(envFrom, `${path}.envFrom`),
    ...validateMounts(container, path, context.volumes),
    ...validateResources(resources, `${path}.resources`, context.claimNames),
    ...validateSecurityContext(securityContext, `${path}.securityContext`),
  ];
}

const HOOKS = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const;

/** Init containers that run to their end have nothing to be probed for; sidecars do. */
function validateInitHooks(container: Container, path: string, graceSeconds: number): Errors {
  if (isSidecar(container)) return validateHooks(container, path, graceSeconds);
  return HOOKS.filter((name) => container[name] !== undefined).map((name) =>
    forbiddenField(`${path}.${name}`, "may not be set for init containers without restartPolicy=Always"),
  );
}

const NOT_EPHEMERAL = [...HOOKS, "ports", "resources", "resizePolicy", "restartPolicy"] as const;

function validateEphemeral(container: EphemeralContainer, path: string, spec: Containers): Errors {
  const { targetContainerName: target } = container;
  const others = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const isMissing = target && !others.some(({ name }) => name === target);
  const used = NOT_EPHEMERAL.filter((name) => Object.keys(container[name] ?? {}).length > 0);
  return [
    ...used.map((name) => forbiddenField(`${path}.${name}`, "cannot be set for an Ephemeral Container")),
    ...when(isMissing, notFoundField(`${path}.targetContainerName`, target)),
  ];
}
