// The guides to the scheduler's rules: one line each.

import { affinityGuide, cordonGuide, poolGuide, taintGuide } from "./node-guides.ts";
import { neighbourGuide, spreadGuide } from "./neighbour-guides.ts";
import { portsGuide, resourcesGuide } from "./room-guides.ts";
import type { RuleGuide } from "./rule-guide.ts";
import { volumeBindingGuide, volumeLimitsGuide, volumeRestrictionsGuide, volumeZoneGuide } from "./volume-guides.ts";

export const ruleGuides: readonly RuleGuide[] = [
  cordonGuide,
  poolGuide,
  taintGuide,
  affinityGuide,
  portsGuide,
  resourcesGuide,
  volumeRestrictionsGuide,
  volumeLimitsGuide,
  volumeBindingGuide,
  volumeZoneGuide,
  spreadGuide,
  neighbourGuide,
];
