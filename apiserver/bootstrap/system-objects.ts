// What every cluster begins with. Adding something is a line here, or a list in a file of its own.

import { flowSchemas, type FlowSchemaSpec } from "../../api/flowcontrol/flow-schema.ts";
import {
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  type NamedSpec,
} from "../../api/flowcontrol/mandatory-objects.ts";
import { priorityLevelConfigurations } from "../../api/flowcontrol/priority-level-configuration.ts";
import { suggestedFlowSchemas, suggestedPriorityLevels } from "../../api/flowcontrol/suggested-objects.ts";
import { namespaces } from "../../api/core/namespace.ts";
import { serviceCIDRs } from "../../api/networking/service-cidr.ts";
import { priorityClasses } from "../../api/scheduling/priority-class.ts";
import { SYSTEM_PRIORITIES } from "../../api/scheduling/validate-priority-class.ts";
import { renderCidr, type Cidr } from "../addresses/cidr.ts";
import { systemRoles } from "./roles/system-roles.ts";
import { systemObject, type SystemObject } from "./system-object.ts";

export interface SystemObjectsOptions {
  /** RFC 3339: when conditions begin to hold. */
  readonly now: string;
  /** Where services get their addresses. */
  readonly serviceCidr: Cidr;
}

export function systemObjects({ now, serviceCidr }: SystemObjectsOptions): readonly SystemObject[] {
  return [
    ...["default", "kube-system", "kube-public", "kube-node-lease"].map((name) =>
      systemObject(namespaces, { metadata: { name }, spec: {} }),
    ),
    ...[...mandatoryPriorityLevels, ...suggestedPriorityLevels].map(({ metadata, spec }) =>
      systemObject(priorityLevelConfigurations, { metadata: { ...metadata, annotations: AUTO_UPDATED }, spec }),
    ),
    ...[...mandatoryFlowSchemas, ...suggestedFlowSchemas].map((each) => flowSchema(each, now)),
    ...SYSTEM_CLASSES.map(([name, description]) =>
      systemObject(priorityClasses, { metadata: { name }, value: SYSTEM_PRIORITIES[name] ?? 0, description }),
    ),
    defaultServiceCIDR(serviceCidr, now),
    ...systemRoles(),
  ];
}

const SYSTEM_CLASSES = [
  ["system-node-critical", "For pods that the cluster needs on the very node on which they are."],
  ["system-cluster-critical", "For pods that the cluster needs, on whichever node."],
] as const;

/** Kubernetes' mark of what it made itself and may bring up to date. */
const AUTO_UPDATED = { "apf.kubernetes.io/autoupdate-spec": "true" };

function flowSchema({ metadata, spec }: NamedSpec<FlowSchemaSpec>, now: string): SystemObject {
  const level = JSON.stringify(spec.priorityLevelConfiguration.name);
  const found = {
    type: "Dangling",
    status: "False",
    lastTransitionTime: now,
    reason: "Found",
    message: `This FlowSchema references the PriorityLevelConfiguration object named ${level} and it exists`,
  };
  return systemObject(flowSchemas, {
    metadata: { ...metadata, annotations: AUTO_UPDATED },
    spec,
    status: { conditions: [found] },
  });
}

/** The only ServiceCIDR that is ready: services get no addresses from others yet. */
function defaultServiceCIDR(cidr: Cidr, now: string): SystemObject {
  const ready = {
    type: "Ready",
    status: "True" as const,
    lastTransitionTime: now,
    reason: "",
    message: "Kubernetes default Service CIDR is ready",
  };
  return systemObject(serviceCIDRs, {
    metadata: { name: "kubernetes" },
    spec: { cidrs: [renderCidr(cidr)] },
    status: { conditions: [ready] },
  });
}
