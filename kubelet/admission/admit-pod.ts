// Whether this node takes a pod that is new to it. A pod that it does not take has failed, and says why. Pure.

import type { Pod } from "../../api/core/pod.ts";
import { IMMEDIATE_GRACE_SECONDS, type Eviction } from "../eviction/eviction.ts";
import { forbidSysctl } from "./allowed-sysctls.ts";
import { forbidAppArmor } from "./app-armor.ts";
import { findUnfit, type NodeRoom, type Unfit } from "./fit-node.ts";

export interface AdmissionRules {
  /** Parameters of the kernel that pods may set besides the safe ones. */
  readonly allowedUnsafeSysctls: readonly string[];
  readonly hasAppArmor: boolean;
}

/** Undefined: it may run. In Kubernetes' order, the first reason against it counts. */
export function admitPod(pod: Pod, room: NodeRoom, rules: AdmissionRules): Eviction | undefined {
  const refusal =
    named("SysctlForbidden", forbidSysctl(pod, rules.allowedUnsafeSysctls)) ??
    findUnfit(pod, room) ??
    named("AppArmor", forbidAppArmor(pod, rules.hasAppArmor));
  if (!refusal) return undefined;
  const { reason, message } = refusal;
  return {
    reason,
    message: `Pod was rejected: ${message}`,
    event: message,
    graceSeconds: IMMEDIATE_GRACE_SECONDS,
    isDisruption: false,
  };
}

const named = (reason: string, message: string | undefined): Unfit | undefined =>
  message === undefined ? undefined : { reason, message };
