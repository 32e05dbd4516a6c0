// Several pods of one owner on a node, while other nodes that would take one have none: one failing node takes too many of them.

import type { PodInfo } from "../pod-info.ts";
import type { Snapshot } from "../snapshot.ts";
import { moverOf } from "./movable.ts";
import { PODS_A_TURN, type Misplaced, type Strategy } from "./strategy.ts";

export const duplicates: Strategy = { name: "RemoveDuplicates", find };

/** The pods of an owner, by node: all that run the same images. */
type ByNode = Map<string, PodInfo[]>;

function* find(snapshot: Snapshot): Iterable<Misplaced | undefined> {
  const groups = new Map<string, { readonly owner: string; readonly byNode: ByNode }>();
  let seen = 0;
  for (const { name } of snapshot.nodes) {
    for (const pod of snapshot.podsOn(name)) {
      if (++seen % PODS_A_TURN === 0) yield undefined;
      const owner = moverOf(pod.pod);
      if (owner === undefined) continue;
      const images = pod.pod.spec.containers.map(({ image }) => image).sort();
      const key = JSON.stringify([owner, images]);
      const group = groups.get(key) ?? { owner, byNode: new Map<string, PodInfo[]>() };
      group.byNode.set(name, [...(group.byNode.get(name) ?? []), pod]);
      groups.set(key, group);
    }
  }
  for (const group of groups.values()) yield* surplus(group.owner, group.byNode);
}

function* surplus(owner: string, byNode: ByNode): Iterable<Misplaced> {
  const kind = (pod: PodInfo) => pod.pod.metadata.ownerReferences?.find(({ controller }) => controller);
  // Each move takes a node that has none; it has one from then on.
  const taken = new Set(byNode.keys());
  for (const [nodeName, pods] of byNode) {
    const youngestFirst = [...pods].sort((a, b) => b.startedMs - a.startedMs);
    for (const pod of youngestFirst.slice(0, -1)) {
      const of = kind(pod);
      const reason = `node ${nodeName} has ${pods.length} pods of ${of?.kind} ${of?.name}, and others have none`;
      const suits = (target: string) => {
        if (taken.has(target)) return false;
        taken.add(target);
        return true;
      };
      yield { pod, nodeName, owner, strategy: duplicates.name, reason, suits };
    }
  }
}
