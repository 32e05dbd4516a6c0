// One node in the scheduler's snapshot: what is not a number in a column. Owned and changed by the snapshot alone.

import type { Node } from "../api/core/node.ts";
import { imageTag } from "../api/core/image-reference.ts";
import { resourceAmounts, type ResourceAmounts } from "../api/core/pod-resources.ts";
import { HostPortSet } from "./host-ports.ts";
import type { NodeReserve } from "./node-reserve.ts";

export interface NodeInfo {
  readonly name: string;
  /** The node's place in the snapshot's columns. Changes when nodes are removed. */
  row: number;
  node: Node;
  /** Less what is set aside for roles. */
  allocatable: ResourceAmounts;
  /** What is set aside for roles; undefined: nothing. */
  reserve: NodeReserve | undefined;
  /** The bytes of each image that the node has, by normalised name. */
  images: ReadonlyMap<string, number>;
  /** What pods request of resources that have no column. */
  readonly otherRequests: Map<string, number>;
  readonly ports: HostPortSet;
}

export function nodeInfoOf(node: Node, row: number): NodeInfo {
  return {
    name: node.metadata.name,
    row,
    node,
    allocatable: resourceAmounts(node.status.allocatable),
    reserve: undefined,
    images: imagesOf(node),
    otherRequests: new Map(),
    ports: new HostPortSet(),
  };
}

export function imagesOf(node: Node): ReadonlyMap<string, number> {
  const images = new Map<string, number>();
  for (const { names = [], sizeBytes = 0 } of node.status.images ?? []) {
    for (const name of names) images.set(normalizeImage(name), Number(sizeBytes));
  }
  return images;
}

/** Nodes list images with their tag; a pod may leave out `latest`. */
export function normalizeImage(image: string): string {
  const isTagless = imageTag(image) === "latest" && !image.endsWith(":latest");
  return isTagless ? `${image}:latest` : image;
}
