// How containers start, are looked after, and end.

import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { containerStatusOf, podCondition } from "../../api/core/pod-state.ts";
import { hasFailed, isReady, mainOf, shell, SLEEPS, telling, waitsFor, type PodCase } from "./pod-case.ts";

const restarted = (pod: Pod) => (mainOf(pod)?.restartCount ?? 0) > 0;
const SERVES = "mkdir /www; echo fine > /www/index.html; httpd -f -p 8080 -h /www";
const shared = { volumeMounts: [{ name: "shared", mountPath: "/shared" }] };
const volumes = [{ name: "shared", emptyDir: {} }];
/** Has all the time that it needs on a busy machine. */
const asksForFile = { exec: { command: ["test", "-f", "/up"] }, periodSeconds: 1, timeoutSeconds: 60 };
/** Says 200 to a request that has the header, and 500 to others. */
const PICKY = `while :; do nc -l -p 8080 -e sh -c '
  answer="500 no"; while read line && [ "\${#line}" -gt 1 ]; do case "$line" in [Xx]-[Cc]olor:*red*) answer="200 ok";; esac; done
  printf "HTTP/1.1 %s\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n" "$answer"'; done`;

export const lifeCycleCases: readonly PodCase[] = [
  {
    title: "starts containers anew, or not, as its restart policy says",
    sees: ["PodSpec.restartPolicy"],
    spec: { restartPolicy: "OnFailure", containers: [shell("exit 4"), shell("exit 0", { name: "fine" })] },
    until: restarted,
    check({ pod }) {
      expect(mainOf(pod)?.lastState.terminated?.exitCode).to.equal(4);
      expect(containerStatusOf(pod, "fine")).to.include({ restartCount: 0 });
    },
  },
  {
    title: "ends a pod at its deadline",
    sees: ["PodSpec.activeDeadlineSeconds"],
    spec: { activeDeadlineSeconds: 3, containers: [shell(SLEEPS)] },
    until: hasFailed,
    check: ({ pod }) =>
      expect(pod.status).to.include({
        reason: "DeadlineExceeded",
        message: "Pod was active on the node longer than the specified deadline",
      }),
  },
  {
    title: "runs its hooks: after the start of a container, and before its end",
    sees: [
      "Container.lifecycle",
      "Lifecycle.postStart",
      "Lifecycle.preStop",
      "LifecycleHandler.exec",
      "ExecAction.command",
      "LifecycleHandler.httpGet",
      "LifecycleHandler.sleep",
      "SleepAction.seconds",
    ],
    spec: {
      terminationGracePeriodSeconds: 10,
      containers: [
        shell(`${SERVES} & ${SLEEPS}`, {
          lifecycle: {
            postStart: { exec: { command: ["sh", "-c", "echo started > /dev/termination-log"] } },
            preStop: { exec: { command: ["sh", "-c", "echo stopping >> /dev/termination-log"] } },
          },
        }),
        // Its server sees the request, and the hook has not ended before it is answered.
        shell(
          "nc -l -p 9000 -e sh -c 'head -1 > /dev/termination-log; printf \"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n\"'; " +
            SLEEPS,
          { name: "hooked", lifecycle: { preStop: { httpGet: { path: "/bye", port: 9000 } } } },
        ),
        shell(SLEEPS, {
          name: "slept",
          lifecycle: { postStart: { sleep: { seconds: 1 } }, preStop: { sleep: { seconds: 1 } } },
        }),
      ],
    },
    until: isReady,
    async check({ pod, lab }) {
      const { name } = pod.metadata;
      const slept = containerStatusOf(pod, "slept")?.state.running?.startedAt ?? "";
      expect(Date.parse(podCondition(pod, "Ready")?.lastTransitionTime ?? "") - Date.parse(slept)).to.be.least(1000);
      const ended = lab.until(
        name,
        (each) => each.status.containerStatuses?.every(({ state }) => state.terminated) ?? false,
      );
      await lab.remove(name, 10);
      expect(mainOf(await ended)?.state.terminated?.message).to.equal("started\nstopping\n");
      expect(containerStatusOf(await ended, "hooked")?.state.terminated?.message).to.match(/^GET \/bye HTTP/);
    },
  },
  {
    title: "restarts a container whose postStart hook fails, and says so",
    sees: ["Lifecycle.postStart"],
    spec: { containers: [shell(SLEEPS, { lifecycle: { postStart: { exec: { command: ["false"] } } } })] },
    until: restarted,
    check: ({ pod, lab }) => lab.event(pod.metadata.name, "FailedPostStartHook"),
  },
  {
    title: "does not take a connection for a hook, and says that the hook failed",
    sees: ["LifecycleHandler.tcpSocket"],
    spec: { containers: [shell(SLEEPS, { lifecycle: { postStart: { tcpSocket: { port: 1 } } } })] },
    until: restarted,
    check: ({ pod, lab }) => lab.event(pod.metadata.name, "FailedPostStartHook"),
  },
  {
    title: "kills what does not stop within the pod's grace period",
    sees: ["PodSpec.terminationGracePeriodSeconds"],
    spec: { terminationGracePeriodSeconds: 2, containers: [shell("trap '' TERM; while :; do sleep 0.2; done")] },
    until: isReady,
    async check({ pod, lab }) {
      const { name, namespace } = pod.metadata;
      const ended = lab.until(name, (each) => mainOf(each)?.state.terminated !== undefined);
      await lab.kubectl(["delete", "pod", name, "-n", namespace ?? "", "--wait=false"]);
      expect(mainOf(await ended)?.state.terminated?.exitCode).to.equal(137);
      expect((await ended).metadata.deletionGracePeriodSeconds).to.equal(2);
    },
  },
  {
    title: "asks containers by command, HTTP, TCP whether they are ready, with all that a request can have",
    sees: [
      "Container.readinessProbe",
      "Probe.exec",
      "Probe.httpGet",
      "Probe.tcpSocket",
      "Probe.initialDelaySeconds",
      "Probe.periodSeconds",
      "Probe.successThreshold",
      "HTTPGetAction.path",
      "HTTPGetAction.port",
      "HTTPGetAction.scheme",
      "HTTPGetAction.httpHeaders",
      "HTTPHeader.name",
      "HTTPHeader.value",
      "TCPSocketAction.port",
    ],
    spec: {
      volumes,
      containers: [
        shell(PICKY, {
          readinessProbe: {
            httpGet: { path: "/", port: 8080, scheme: "HTTP", httpHeaders: [{ name: "X-Color", value: "red" }] },
            periodSeconds: 1,
          },
        }),
        shell("httpd -f -p 8081", { name: "tcp", readinessProbe: { tcpSocket: { port: 8081 }, periodSeconds: 1 } }),
        shell(SLEEPS, {
          name: "exec",
          ...shared,
          readinessProbe: {
            exec: { command: ["sh", "-c", "echo x >> /shared/asked"] },
            initialDelaySeconds: 2,
            periodSeconds: 1,
            successThreshold: 2,
          },
        }),
        telling("until test -s /shared/asked; do sleep 0.2; done; wc -l < /shared/asked", {
          name: "counter",
          ...shared,
        }),
      ],
    },
    until: isReadyBut("counter"),
    check({ pod }) {
      const ready = Date.parse(podCondition(pod, "PodScheduled")?.lastTransitionTime ?? "");
      const started = Date.parse(containerStatusOf(pod, "exec")?.state.running?.startedAt ?? "");
      // Two seconds until the first check, one more until the second success.
      expect(ready <= started).to.equal(true);
    },
  },
  {
    title: "asks another host than the pod where a probe names one",
    sees: ["HTTPGetAction.host", "TCPSocketAction.host"],
    spec: {
      containers: [
        shell(SLEEPS, { readinessProbe: { tcpSocket: { host: "127.0.0.1", port: 1 }, periodSeconds: 1 } }),
        shell(SLEEPS, { name: "http", readinessProbe: { httpGet: { host: "127.0.0.1", port: 1 }, periodSeconds: 1 } }),
      ],
    },
    until: ({ status }) => status.phase === "Running",
    async check({ pod, lab }) {
      await lab.event(pod.metadata.name, "Unhealthy", "dial tcp 127.0.0.1:1: connect: connection refused");
      await lab.event(pod.metadata.name, "Unhealthy", 'Get "http://127.0.0.1:1/"');
    },
  },
  {
    title: "asks for health over gRPC, and says what it heard instead",
    sees: ["Probe.grpc", "GRPCAction.port", "GRPCAction.service"],
    spec: { containers: [shell(SERVES, { livenessProbe: { grpc: { port: 8079, service: "x" }, periodSeconds: 1 } })] },
    until: ({ status }) => status.phase === "Running",
    check: ({ pod, lab }) => lab.event(pod.metadata.name, "Unhealthy", "8079"),
  },
  {
    title: "restarts a container that is not alive, within the grace period of the probe, whatever it ends with",
    sees: [
      "Container.livenessProbe",
      "Probe.failureThreshold",
      "Probe.terminationGracePeriodSeconds",
      "Probe.timeoutSeconds",
    ],
    spec: {
      restartPolicy: "OnFailure",
      terminationGracePeriodSeconds: 100,
      containers: [
        shell(SLEEPS, {
          livenessProbe: {
            exec: { command: ["sleep", "100"] },
            timeoutSeconds: 1,
            periodSeconds: 1,
            failureThreshold: 1,
            terminationGracePeriodSeconds: 1,
          },
        }),
      ],
    },
    until: restarted,
    async check({ pod, lab }) {
      expect(mainOf(pod)?.lastState.terminated?.exitCode).to.equal(0);
      await lab.event(pod.metadata.name, "Unhealthy", 'Liveness probe failed: command timed out: "sleep 100"');
      await lab.event(pod.metadata.name, "Killing", "Container main failed liveness probe, will be restarted");
    },
  },
  {
    title: "asks nothing else before a container has started",
    sees: ["Container.startupProbe"],
    spec: {
      containers: [
        shell(`sleep 3; touch /up; ${SLEEPS}`, {
          startupProbe: { ...asksForFile, failureThreshold: 60 },
          livenessProbe: { ...asksForFile, failureThreshold: 1 },
        }),
      ],
    },
    until: isReady,
    check({ pod }) {
      expect(mainOf(pod)).to.include({ restartCount: 0, started: true });
    },
  },
  {
    title: "is ready only once the conditions of its gates are true",
    sees: ["PodSpec.readinessGates", "PodReadinessGate.conditionType"],
    spec: { readinessGates: [{ conditionType: "example.org/open" }], containers: [shell(SLEEPS)] },
    until: (pod) => podCondition(pod, "ContainersReady")?.status === "True",
    async check({ pod, lab }) {
      const { name } = pod.metadata;
      expect(podCondition(pod, "Ready")).to.include({ status: "False", reason: "ReadinessGatesNotReady" });
      const conditions = JSON.stringify({ status: { conditions: [{ type: "example.org/open", status: "True" }] } });
      await lab.kubectl(["patch", "pod", name, "--subresource=status", "--patch", conditions]);
      await lab.until(name, isReady);
    },
  },
  {
    title: "says that a program is not there, under the runtime's own words",
    sees: ["Container.command"],
    spec: { restartPolicy: "Never", containers: [shell("", { command: ["/no/such/program"] })] },
    until: hasFailed,
    check({ pod }) {
      const ended = mainOf(pod)?.state.terminated;
      expect(ended).to.include({ reason: "StartError", exitCode: 128 });
      expect(ended?.message).to.contain("no such file or directory");
    },
  },
  {
    title: "waits for a config map's key that is missing, and says which",
    sees: ["ConfigMapKeySelector.key"],
    spec: {
      containers: [
        shell(SLEEPS, { env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "colors", key: "roof" } } }] }),
      ],
    },
    until: waitsFor("CreateContainerConfigError"),
    async check({ pod, lab }) {
      const message = "couldn't find key roof in ConfigMap default/colors";
      expect(mainOf(pod)?.state.waiting?.message).to.equal(message);
      await lab.event(pod.metadata.name, "Failed", `Error: ${message}`);
    },
  },
];

function isReadyBut(name: string): (pod: Pod) => boolean {
  return ({ status }) =>
    status.containerStatuses?.every((each) => each.name === name || each.ready) === true &&
    status.containerStatuses.length > 0;
}
