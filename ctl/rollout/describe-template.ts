// A pod template as `kctl rollout history --revision` shows it. Pure.

import { templateLines } from "../describe/pod.ts";
import type { PodTemplate } from "./rollout-history.ts";

/** Ends in a newline. Its columns are tabs, as kubectl leaves them. */
export const describeTemplate = (template: PodTemplate): string => `${templateLines(template).join("\n")}\n`;
