// The stages of the scheduler, in the order in which a pod meets them: one line each.

import { watchCrashes } from "./crashes/watch-crashes.ts";
import { preemptionStage } from "./preemption/preemption-stage.ts";
import { lineStage } from "./queues/line-stage.ts";
import { reservationStage } from "./offers/reservation-stage.ts";
import type { Stage, StageParts } from "./stage.ts";
import { volumeStage } from "./volumes/volume-stage.ts";

const builders: readonly ((parts: StageParts) => Stage)[] = [
  watchCrashes,
  volumeStage,
  preemptionStage,
  lineStage,
  reservationStage,
];

export const buildStages = (parts: StageParts): readonly Stage[] => builders.map((build) => build(parts));
