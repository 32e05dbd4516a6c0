// How a container mounts its pod's volumes; what volumes can be made of is seen in e2e/volumes.

import { expect } from "chai";
import { isReady, mainOf, SHARED_DIRECTORY, shell, SLEEPS, telling, waitsFor, type PodCase } from "./pod-case.ts";

const volumes = [{ name: "data", emptyDir: {} }];

export const mountCases: readonly PodCase[] = [
  {
    title: "mounts volumes and parts of them, for reading only where it says so",
    sees: [
      "PodSpec.volumes",
      "Volume.name",
      "Volume.emptyDir",
      "Container.volumeMounts",
      "VolumeMount.name",
      "VolumeMount.mountPath",
      "VolumeMount.readOnly",
      "VolumeMount.subPath",
      "VolumeMount.subPathExpr",
      "VolumeMount.recursiveReadOnly",
    ],
    spec: {
      restartPolicy: "Never",
      volumes,
      initContainers: [
        shell("mkdir -p /data/part/of; echo here > /data/part/file; echo deep > /data/part/of/file", {
          name: "fill",
          volumeMounts: [{ name: "data", mountPath: "/data" }],
        }),
      ],
      containers: [
        telling("cat /part/file /deep/file; touch /locked/new; touch /data/new && echo written", {
          env: [{ name: "WHICH", value: "of" }],
          volumeMounts: [
            { name: "data", mountPath: "/data" },
            { name: "data", mountPath: "/part", subPath: "part" },
            { name: "data", mountPath: "/deep", subPathExpr: "part/$(WHICH)" },
            { name: "data", mountPath: "/locked", readOnly: true, recursiveReadOnly: "IfPossible" },
          ],
        }),
      ],
    },
    check: ({ said }) => expect(said()).to.equal("here\ndeep\ntouch: /locked/new: Read-only file system\nwritten\n"),
  },
  {
    title: "does not start when mounts below are to be read-only too, which Docker cannot do, and says so",
    sees: ["VolumeMount.recursiveReadOnly"],
    spec: {
      volumes,
      containers: [
        shell(SLEEPS, {
          volumeMounts: [{ name: "data", mountPath: "/data", readOnly: true, recursiveReadOnly: "Enabled" }],
        }),
      ],
    },
    until: waitsFor("CreateContainerConfigError"),
    check: ({ pod }) =>
      expect(mainOf(pod)?.state.waiting?.message).to.equal(
        'volume "data" requested recursive read-only mode, but it is not supported by the runtime',
      ),
  },
  {
    title: "sees what is mounted on the node later where it asks for that",
    sees: ["VolumeMount.mountPropagation", "Volume.hostPath"],
    spec: {
      restartPolicy: "Never",
      volumes: [{ name: "node", hostPath: { path: SHARED_DIRECTORY } }],
      containers: [
        telling("until test -f /node/late/file; do sleep 0.2; done; cat /node/late/file; ls /plain/late", {
          volumeMounts: [
            { name: "node", mountPath: "/node", mountPropagation: "HostToContainer" },
            { name: "node", mountPath: "/plain", mountPropagation: "None" },
          ],
        }),
      ],
    },
    until: isReady,
    async check({ pod, lab }) {
      await lab.mountLate("late mount\n");
      const ended = await lab.until(
        pod.metadata.name,
        ({ status }) => status.phase === "Succeeded" || status.phase === "Failed",
      );
      expect(mainOf(ended)?.state.terminated?.message).to.equal("late mount\n");
    },
  },
];
