// `creations`: Gantry's own way to create many objects at once.

import { creations } from "../../api/bulk/creation.ts";
import { createCreations } from "../subresources/creations.ts";
import type { VirtualResource } from "./virtual-resource.ts";

export const creation: VirtualResource = { resource: creations, create: createCreations };
