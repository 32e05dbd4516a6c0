// What the scheduler would do with a cluster of which there is a dump: the dump becomes the content of a store, and the production
// API server and scheduler run over it on a clock of their own. The same dump and seed give the same placements.

import { builtinResources } from "../../api/index.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import { formatKey, keyOf, type KubeObject } from "../../api/meta/object.ts";
import { apiVersionOf } from "../../api/resource.ts";
import { storageKey, storagePrefix } from "../../apiserver/served-resource.ts";
import { encodeStored } from "../../apiserver/stored-object.ts";
import { MemoryStore } from "../../apiserver/storage/memory-store.ts";
import { parseJson } from "../../lib/json.ts";
import { seededRandom } from "../../lib/random.ts";
import { runScheduler } from "../../scheduler/run-scheduler.ts";
import { TestCluster } from "../cluster.ts";

/** What became of a pod that had no node. */
export interface Replayed {
  /** `namespace/name`. */
  readonly pod: string;
  readonly node: string | undefined;
  /** Why it has none. */
  readonly reason?: string;
}

/** Long enough for what is tried again. */
const REPLAY_MS = 30_000;

/** The objects of a dump, as `kctl get nodes,pods,namespaces -A -o json` prints it. Throws where it is none. */
export function parseDump(text: string): readonly KubeObject[] {
  const { value } = parseJson(text);
  const { items } = (value ?? {}) as { readonly items?: unknown };
  if (!Array.isArray(items))
    throw new Error("a dump is a List with items, as `kctl get nodes,pods -A -o json` prints it");
  return items.map((item: unknown, index) => {
    const problem = problemOf(item as Partial<KubeObject> | null);
    if (problem) throw new Error(`items[${index}]: ${problem}`);
    return item as KubeObject;
  });
}

const resourceOf = ({ apiVersion, kind }: Partial<KubeObject>) =>
  builtinResources.find((each) => each.kind === kind && apiVersionOf(each) === apiVersion);

function problemOf(item: Partial<KubeObject> | null): string | undefined {
  if (typeof item !== "object" || !item?.apiVersion || !item.kind)
    return "it should be an object with apiVersion and kind";
  const resource = resourceOf(item);
  if (!resource) return `this program knows no kind ${item.kind} of ${item.apiVersion}`;
  const { name, uid, namespace } = item.metadata ?? {};
  if (!name || !uid) return "its metadata should have a name and a uid, as what a server has stored does";
  const isNamespaced = resource.scope === "Namespaced";
  if (isNamespaced !== Boolean(namespace)) return `a ${item.kind} has ${isNamespaced ? "a" : "no"} namespace`;
  return undefined;
}

/** For each pod that waits for a node and that the default scheduler is to place, in the order of the dump. */
export async function replayScheduling(dump: readonly KubeObject[], seed: number): Promise<readonly Replayed[]> {
  const store = new MemoryStore();
  await store.commit({ checks: [], writes: dump.map((object) => storedWrite(object)) });
  const cluster = await TestCluster.start({ store, seed });
  try {
    cluster.run((parts, signal) => runScheduler({ ...parts, random: seededRandom(seed) }, signal));
    await cluster.step(REPLAY_MS);
    const after = new Map((await cluster.list(pods)).map((pod) => [pod.metadata.uid, pod]));
    return dump
      .filter((object) => isWaiting(object))
      .map((object) => replayedOf(object, after.get(object.metadata.uid)));
  } finally {
    await cluster.stop();
  }
}

function storedWrite(object: KubeObject) {
  const resource = resourceOf(object);
  if (!resource) throw new Error(`there is no kind ${object.kind}`);
  return { key: storageKey({ prefix: storagePrefix(resource) }, keyOf(object)), value: encodeStored(object).bytes };
}

function isWaiting(object: KubeObject): boolean {
  if (object.kind !== "Pod") return false;
  const { spec, metadata } = object as Pod;
  return !spec.nodeName && !metadata.deletionTimestamp && spec.schedulerName === "default-scheduler";
}

function replayedOf(object: KubeObject, after: Pod | undefined): Replayed {
  const node = after?.spec.nodeName;
  const reason = after ? podCondition(after, "PodScheduled")?.message : "it is gone";
  return { pod: formatKey(keyOf(object)), node, ...(node === undefined && { reason: reason ?? "it was not tried" }) };
}
