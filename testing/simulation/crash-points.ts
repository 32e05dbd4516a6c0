// A component is crashed right after one of its writes, which it does not hear of, and built anew: for every write of an
// everyday story, the cluster must come to the same state as without the crash.

import { deployments } from "../../api/apps/deployment.ts";
import { pods } from "../../api/core/pod.ts";
import { services } from "../../api/core/service.ts";
import { keyOf } from "../../api/meta/object.ts";
import { silentLog } from "../../lib/log.ts";
import { newDeployment, newService } from "../builders.ts";
import { takeBroken, untilConverged, whileTimePasses } from "./recovery.ts";
import { SimulatedCluster } from "./simulated-cluster.ts";

export const COMPONENTS = ["controllers", "scheduler", "kubelet"] as const;

export interface CrashPoint {
  /** Of the kubelets, all are crashed. */
  readonly component: (typeof COMPONENTS)[number];
  /** Which of its writes, from 1 on. */
  readonly write: number;
}

export interface CrashResult {
  /** False when the story has fewer writes: there was no crash. */
  readonly crashed: boolean;
  readonly violations: readonly string[];
}

const KEY = { namespace: "default", name: "web" };
const CHAPTER_MS = 15_000;

/** Tells the story with one crash in it. */
export async function simulateCrash({ component, write }: CrashPoint): Promise<CrashResult> {
  const cluster = new SimulatedCluster({ seed: 1, log: silentLog });
  let writes = 0;
  cluster.wrote = (writer) => {
    if (writer !== component || ++writes !== write) return;
    const crashed = cluster.components.filter(({ name }) => name.startsWith(component));
    for (const each of crashed) each.crash();
    for (const each of crashed) each.start();
  };
  try {
    const broken = await tellStory(cluster);
    const wrong = broken.length > 0 ? broken : await untilConverged(cluster);
    return { crashed: writes >= write, violations: wrong };
  } finally {
    await cluster.stop();
  }
}

async function tellStory(cluster: SimulatedCluster): Promise<readonly string[]> {
  const { client, clock } = cluster;
  const patch = (spec: object) => client.patch(deployments, KEY, { type: "strategic", patch: { spec } });
  const chapters: readonly (() => Promise<unknown>)[] = [
    () => client.create(services, newService("web")),
    () => client.create(deployments, newDeployment("web", { replicas: 2, image: "app:1" })),
    () => patch({ template: { spec: { containers: [{ name: "main", image: "app:2" }] } } }),
    async () => {
      const [first] = (await client.list(pods, { namespace: "default" })).items;
      if (first) await client.delete(pods, keyOf(first));
    },
    () => patch({ replicas: 1 }),
  ];
  cluster.start();
  await clock.advance(CHAPTER_MS);
  for (const chapter of chapters) {
    await whileTimePasses(cluster, chapter());
    await clock.advance(CHAPTER_MS);
    const broken = takeBroken(cluster);
    if (broken.length > 0) return broken;
  }
  return [];
}
