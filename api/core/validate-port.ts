// Rules for container ports, and for fields that name one by number or by name.

import type { Container, ContainerPort } from "./container.ts";
import { checkFormat, checkPortNumber, eachItem } from "../meta/field-checks.ts";
import { portNameProblems } from "../meta/names.ts";
import { duplicateField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

/** A number, or the name of a container's port. */
export function validatePortReference(port: number | string | undefined, path: string): Errors {
  if (typeof port === "number") return checkPortNumber(path, port);
  return port === undefined ? [] : portNameProblems(port).map((problem) => invalidField(path, port, problem));
}

export function validateContainerPorts(ports: readonly ContainerPort[] | undefined, path: string): Errors {
  const names = new Set<string>();
  return eachItem(ports, path, ({ name, containerPort, hostPort }, at) => {
    const badName = checkFormat(`${at}.name`, name, portNameProblems);
    const isTaken = name && badName.length === 0 && names.has(name);
    if (name && badName.length === 0) names.add(name);
    return [
      ...badName,
      ...(isTaken ? [duplicateField(`${at}.name`, name)] : []),
      ...(containerPort === 0 ? [requiredField(`${at}.containerPort`)] : []),
      ...checkPortNumber(`${at}.containerPort`, containerPort || undefined),
      ...checkPortNumber(`${at}.hostPort`, hostPort || undefined),
    ];
  });
}

/** Containers that run at the same time cannot share a port of the node. */
export function validateHostPorts(containers: readonly Pick<Container, "ports">[] | undefined, path: string): Errors {
  const taken = new Set<string>();
  return eachItem(containers, path, ({ ports }, at) =>
    eachItem(ports, `${at}.ports`, ({ protocol = "", hostIP = "", hostPort }, portAt) => {
      if (!hostPort) return [];
      const key = `${protocol}/${hostIP}/${hostPort}`;
      const isTaken = taken.has(key);
      taken.add(key);
      return isTaken ? [duplicateField(`${portAt}.hostPort`, key)] : [];
    }),
  );
}

export interface HostNetworkRules {
  /** A pod template may leave the port open: it is filled in when a pod is made. */
  readonly isTemplate: boolean;
}

/** On the host's network a container's port and the host's are the same thing. */
export function validateHostNetworkPorts(
  containers: readonly Pick<Container, "ports">[] | undefined,
  path: string,
  { isTemplate }: HostNetworkRules,
): Errors {
  return eachItem(containers, path, ({ ports }, at) =>
    eachItem(ports, `${at}.ports`, ({ containerPort, hostPort = 0 }, portAt) => {
      const isOpen = isTemplate && hostPort === 0;
      const problem = "must match `containerPort` when `hostNetwork` is true";
      return isOpen || hostPort === containerPort ? [] : [invalidField(`${portAt}.hostPort`, hostPort, problem)];
    }),
  );
}
