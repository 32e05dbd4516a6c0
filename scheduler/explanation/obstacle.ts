// What keeps a pod from running, and what would clear it away.

import type { Edit } from "./cluster-view.ts";
import type { Picture } from "./picture.ts";
import type { PodInfo } from "../pod-info.ts";

export interface Remedy {
  /** How much it asks of people: the cheapest that works is told first. */
  readonly cost: number;
  /** A whole sentence that tells people what to do. */
  readonly text: string;
  /** Does it, where one command can. */
  readonly command?: string;
  readonly edits: readonly Edit[];
}

/** From what costs a word to what costs money. */
export const COST = { allow: 1, adjust: 2, loosen: 3, remove: 4, build: 6 } as const;

export interface Obstacle {
  /** One word, for programs. */
  readonly cause: string;
  /** A whole sentence. */
  readonly summary: string;
  /** What shows it, in whole sentences. */
  readonly evidence: readonly string[];
  /** Things that may help; each is tried before it is told. */
  readonly remedies: readonly Remedy[];
  /** Nobody can try these out: what they depend on is outside the scheduler's sight. */
  readonly advice?: readonly Remedy[];
}

/** Looks for one kind of obstacle; undefined: there is none. */
export type Check = (pod: PodInfo, picture: Picture) => Obstacle | undefined;
