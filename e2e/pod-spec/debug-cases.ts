// Containers that are added to a running pod for debugging.

import { expect } from "chai";
import { containerStatusOf } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { pods } from "../../api/core/pod.ts";
import { IMAGE, isReady, shell, SLEEPS, type PodCase, type SeenPod } from "./pod-case.ts";

const FORBIDDEN = {
  ports: [{ containerPort: 80 }],
  resources: { limits: { cpu: "1" } },
  livenessProbe: { tcpSocket: { port: 80 } },
  readinessProbe: { tcpSocket: { port: 80 } },
  startupProbe: { tcpSocket: { port: 80 } },
  lifecycle: { preStop: { sleep: { seconds: 1 } } },
  resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }],
  restartPolicy: "Always",
};

const GIVEN = {
  image: IMAGE,
  imagePullPolicy: "IfNotPresent",
  command: ["sh", "-c"],
  args: [
    '{ cat /proc/1/comm; pwd; id -u; echo "$A $wall"; cat /data/file; test -t 0 && echo terminal; } > /tmp/words; exit 0',
  ],
  workingDir: "/bin",
  env: [{ name: "A", value: "b" }],
  envFrom: [{ configMapRef: { name: "colors" } }],
  securityContext: { runAsUser: 1007 },
  volumeMounts: [{ name: "data", mountPath: "/data" }],
  terminationMessagePath: "/tmp/words",
  stdin: true,
  stdinOnce: true,
  tty: true,
  targetContainerName: "main",
};

const BROKEN = {
  image: IMAGE,
  command: ["sh", "-c", "echo why; exit 5"],
  terminationMessagePolicy: "FallbackToLogsOnError",
};

function add({ lab, pod }: SeenPod, containers: readonly object[]): Promise<unknown> {
  const { namespace, name } = pod.metadata;
  const patch = { type: "merge", patch: { spec: { ephemeralContainers: containers } } } as const;
  return lab.client.patch(pods, { namespace, name }, patch, { subresource: "ephemeralcontainers" });
}

const hasEnded = (name: string) => (pod: Pod) => containerStatusOf(pod, name)?.state.terminated !== undefined;

export const debugCases: readonly PodCase[] = [
  {
    title: "gets a container for debugging that sees the processes of another and has what else it asks for",
    sees: [
      "PodSpec.ephemeralContainers",
      "EphemeralContainer.name",
      "EphemeralContainer.terminationMessagePolicy",
      ...Object.keys(GIVEN).map((field) => `EphemeralContainer.${field}`),
    ],
    spec: {
      volumes: [{ name: "data", emptyDir: {} }],
      containers: [
        shell(`echo kept > /data/file; exec sleep 10000`, { volumeMounts: [{ name: "data", mountPath: "/data" }] }),
      ],
    },
    until: isReady,
    async check(seen) {
      const { name } = seen.pod.metadata;
      await add(seen, [
        { name: "debug", ...GIVEN },
        { name: "broken", ...BROKEN },
      ]);
      const after = await seen.lab.until(name, (pod) => hasEnded("debug")(pod) && hasEnded("broken")(pod));
      const messageOf = (container: string) => containerStatusOf(after, container)?.state.terminated?.message;
      expect(messageOf("debug")).to.equal("sleep\n/bin\n1007\nb red\nkept\nterminal\n");
      expect(messageOf("broken")).to.equal("why\n");
      expect(isReady(after)).to.equal(true);
    },
  },
  {
    title: "gets no container for debugging with what only its own containers can have",
    sees: ["EphemeralContainer.volumeDevices", ...Object.keys(FORBIDDEN).map((field) => `EphemeralContainer.${field}`)],
    spec: { volumes: [{ name: "data", emptyDir: {} }], containers: [shell(SLEEPS)] },
    until: isReady,
    async check(seen) {
      for (const [field, value] of Object.entries(FORBIDDEN)) {
        const answer = await refusal(add(seen, [{ name: "debug", image: IMAGE, [field]: value }]));
        expect(answer, field).to.contain(`spec.ephemeralContainers[0].${field}: Forbidden`);
      }
      const volumeDevices = [{ name: "data", devicePath: "/dev/x" }];
      const answer = await refusal(add(seen, [{ name: "debug", image: IMAGE, volumeDevices }]));
      expect(answer).to.contain("volumeDevices[0].name");
    },
  },
];

const refusal = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "accepted",
    (error: Error) => error.message,
  );
