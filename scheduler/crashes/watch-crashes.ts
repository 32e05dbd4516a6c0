// The stage that keeps no pod back: it only looks at how pods fare, for the rule that avoids nodes where they crash.

import { pods } from "../../api/core/pod.ts";
import type { Stage, StageParts } from "../stage.ts";

export function watchCrashes({ informer, snapshot, clock }: StageParts): Stage {
  const { crashes } = snapshot;
  const informed = informer(pods);
  crashes.tellTimeBy(() => clock.now());
  informed.onChange(({ object }) => crashes.note(object));
  return { name: "CrashWatch", synced: informed.synced };
}
