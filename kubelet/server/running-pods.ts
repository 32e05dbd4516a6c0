// The pods that really run on the node, as the runtime knows them: no more than names, and the images of what runs. Pure.

import type { RuntimePod } from "../runtimes/runtime.ts";

export function runningPods(pods: Iterable<RuntimePod>): readonly object[] {
  return [...pods].flatMap(({ pod: { name, namespace, uid }, containers }) => {
    const running = containers.filter(({ state }) => state === "running");
    if (running.length === 0) return [];
    return {
      metadata: { name, namespace, uid },
      spec: { containers: running.map((container) => ({ name: container.name, image: container.image })) },
      status: {},
    };
  });
}
