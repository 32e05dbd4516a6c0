// What each scheduling rule has to say to people: why it turns the pod away from a node, and what would change its mind.

import type { NodeInfo } from "../../node-info.ts";
import type { PodInfo } from "../../pod-info.ts";
import type { Remedy } from "../obstacle.ts";
import type { Picture } from "../picture.ts";

/** A pod, and a node that a rule turns it away from. */
export interface Site {
  readonly pod: PodInfo;
  readonly node: NodeInfo;
  readonly picture: Picture;
  /** In Kubernetes' words. */
  readonly reasons: readonly string[];
}

export interface RuleGuide {
  /** The rule's name. */
  readonly plugin: string;
  /** Another rule says the same, so that this one need not be heard. */
  isEcho?(site: Site): boolean;
  /** One word, for programs. */
  cause(site: Site): string;
  /** What is wrong with the node, as the end of a sentence such as `Node n1: it is cordoned.` */
  tell(site: Site): string;
  /** Cheapest first. They need not work: they are tried before anybody is told. */
  remedies(site: Site): readonly Remedy[];
}
