// The pods that a node never gives up: those of the system's priorities. Not told by annotations, which anybody can write. Pure.

import type { Pod } from "../../api/core/pod.ts";

const SYSTEM_CRITICAL_PRIORITY = 2_000_000_000;

export const isCritical = ({ spec }: Pod): boolean => (spec.priority ?? 0) >= SYSTEM_CRITICAL_PRIORITY;
