// A pod that costs nothing once it runs: what is measured with it is the cluster, not the program.

import type { Pod } from "../api/core/pod.ts";
import type { NewObject } from "../api/meta/object.ts";

export const isRunning = ({ status }: Pod): boolean =>
  status.phase === "Running" && (status.containerStatuses?.every(({ state }) => state?.running) ?? false);

export const sleepingPod = (name: string): NewObject<Pod> => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace: "default", name, labels: { app: "sleep" } },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: "sleep",
        image: "busybox:local",
        imagePullPolicy: "IfNotPresent",
        command: ["/bin/sleep", "36000"],
        resources: {},
      },
    ],
  },
});
