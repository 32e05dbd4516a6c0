// Rules for probes and lifecycle hooks, from Kubernetes' pod validation.

import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from "./probe.ts";
import { validatePortReference } from "./validate-port.ts";
import {
  checkFormat,
  checkNonNegative,
  checkOneSort,
  checkPortNumber,
  checkRequired,
  eachItem,
  when,
} from "../meta/field-checks.ts";
import { headerNameProblems } from "../meta/names.ts";
import { invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];
type Handler = LifecycleHandler & Pick<Probe, "grpc">;

interface Probed {
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly lifecycle?: Lifecycle;
}

/** The probes and hooks of one container; `graceSeconds` bounds how long a hook may sleep. */
export function validateHooks(container: Probed, path: string, graceSeconds: number): Errors {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  return [
    ...validateHook(lifecycle?.postStart, `${path}.lifecycle.postStart`, graceSeconds),
    ...validateHook(lifecycle?.preStop, `${path}.lifecycle.preStop`, graceSeconds),
    ...validateProbe(livenessProbe, `${path}.livenessProbe`),
    ...validateOneSuccess(livenessProbe, `${path}.livenessProbe`),
    ...validateProbe(readinessProbe, `${path}.readinessProbe`),
    ...when(
      readinessProbe?.terminationGracePeriodSeconds !== undefined,
      invalidField(
        `${path}.readinessProbe.terminationGracePeriodSeconds`,
        readinessProbe?.terminationGracePeriodSeconds,
        "must not be set for readinessProbes",
      ),
    ),
    ...validateProbe(startupProbe, `${path}.startupProbe`),
    ...validateOneSuccess(startupProbe, `${path}.startupProbe`),
  ];
}

function validateProbe(probe: Probe | undefined, path: string): Errors {
  if (!probe) return [];
  const grace = probe.terminationGracePeriodSeconds;
  return [
    ...validateHandler(probe, path),
    ...checkNonNegative(`${path}.initialDelaySeconds`, probe.initialDelaySeconds),
    ...checkNonNegative(`${path}.timeoutSeconds`, probe.timeoutSeconds),
    ...checkNonNegative(`${path}.periodSeconds`, probe.periodSeconds),
    ...checkNonNegative(`${path}.successThreshold`, probe.successThreshold),
    ...checkNonNegative(`${path}.failureThreshold`, probe.failureThreshold),
    ...when(
      grace !== undefined && grace <= 0,
      invalidField(`${path}.terminationGracePeriodSeconds`, grace, "must be greater than 0"),
    ),
  ];
}

/** A container that is alive once is alive. */
function validateOneSuccess(probe: Probe | undefined, path: string): Errors {
  const threshold = probe?.successThreshold ?? 1;
  return when(threshold !== 1, invalidField(`${path}.successThreshold`, threshold, "must be 1"));
}

function validateHook(hook: LifecycleHandler | undefined, path: string, graceSeconds: number): Errors {
  if (!hook) return [];
  const seconds = hook.sleep?.seconds ?? 0;
  const problem = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
  return [
    ...validateHandler(hook, path),
    ...when(seconds < 0 || seconds > graceSeconds, invalidField(`${path}.sleep`, seconds, problem)),
  ];
}

const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

function validateHandler(handler: Handler, path: string): Errors {
  const present = HANDLERS.filter((name) => handler[name] !== undefined);
  const { exec, httpGet, tcpSocket, grpc } = handler;
  return [
    ...checkOneSort(path, present, "handler type"),
    ...when(present.length === 0, requiredField(path, "must specify a handler type")),
    ...when(exec && !exec.command?.length, requiredField(`${path}.exec.command`)),
    ...(httpGet ? validateHttpGet(httpGet, `${path}.httpGet`) : []),
    ...(tcpSocket ? validatePortReference(tcpSocket.port, `${path}.tcpSocket.port`) : []),
    ...(grpc ? checkPortNumber(`${path}.grpc.port`, grpc.port) : []),
  ];
}

function validateHttpGet({ path: target, port, httpHeaders }: HTTPGetAction, path: string): Errors {
  return [
    ...checkRequired(`${path}.path`, target),
    ...validatePortReference(port, `${path}.port`),
    ...eachItem(httpHeaders, `${path}.httpHeaders`, ({ name }) =>
      checkFormat(`${path}.httpHeaders`, name, headerNameProblems),
    ),
  ];
}
