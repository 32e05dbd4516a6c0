// Devices that a pod claims are on some nodes only. This scheduler does not allocate them, and never guesses: such pods wait.

import type { SchedulerPlugin } from "../framework.ts";

export const dynamicResources: SchedulerPlugin = {
  name: "DynamicResources",
  prepare({ pod }) {
    const [claim] = pod.spec.resourceClaims ?? [];
    if (!claim) return undefined;
    return {
      refusal: `resource claim "${claim.name}" cannot be allocated: this scheduler does not support resource claims`,
    };
  },
};
