// `placements`: Gantry's own way to bind many pods at once.

import { placements } from "../../api/placement/placement.ts";
import { createPlacements } from "../subresources/placements.ts";
import type { VirtualResource } from "./virtual-resource.ts";

export const placement: VirtualResource = { resource: placements, create: createPlacements };
