// Several schedulers of one name share its pods: each takes those whose identity falls to it, sees all nodes, and learns from the
// placement transaction where another was first. Pods that are placed together fall to the same one. Pure.

import type { Pod } from "../api/core/pod.ts";
import { gangKeyOf } from "./gangs/gangs.ts";

export interface Shard {
  /** From 1 on. */
  readonly number: number;
  /** How many share the pods. All of them must say the same. */
  readonly count: number;
}

const COUNT_MAX = 1000;

/** `2/3`: the second of three. Undefined: it makes no sense. */
export function parseShard(text: string): Shard | undefined {
  const [, number = 0, count = 0] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number);
  return number >= 1 && number <= count && count <= COUNT_MAX ? { number, count } : undefined;
}

export const isInShard = (pod: Pick<Pod, "metadata">, { number, count }: Shard): boolean =>
  hash(gangKeyOf(pod) ?? pod.metadata.uid) % count === number - 1;

/** For people and for figures: `default-scheduler/2-of-3`. */
export const shardName = (name: string, { number, count }: Shard): string => `${name}/${number}-of-${count}`;

/** FNV-1a, and a last mixing, as its low bits alone are not spread well. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
