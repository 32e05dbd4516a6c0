// What a container runs, with which arguments, environment and streams.

import { expect } from "chai";
import { isReady, mainOf, shell, SLEEPS, telling, tells, waitsFor, type PodCase } from "./pod-case.ts";

export const processCases: readonly PodCase[] = [
  {
    title: "runs the command with its arguments, in the directory given, with variables put in",
    sees: ["Container.image", "Container.name", "Container.command", "Container.args", "Container.workingDir"],
    spec: {
      restartPolicy: "Never",
      containers: [
        shell("", {
          command: ["sh", "-c", 'echo "$0|$1|$(pwd)" > /dev/termination-log', "first $(COLOR)"],
          args: ["second $$(COLOR)"],
          workingDir: "/bin",
          env: [{ name: "COLOR", value: "red" }],
        }),
      ],
    },
    check: ({ said }) => expect(said()).to.equal("first red|second $(COLOR)|/bin\n"),
  },
  {
    title: "gives a container its variables, of which later ones refer to earlier ones",
    sees: [
      "Container.env",
      "EnvVar.name",
      "EnvVar.value",
      "EnvVar.valueFrom",
      "EnvVarSource.fieldRef",
      "EnvVarSource.resourceFieldRef",
      "ObjectFieldSelector.fieldPath",
      "ObjectFieldSelector.apiVersion",
      "ResourceFieldSelector.resource",
      "ResourceFieldSelector.divisor",
      "ResourceFieldSelector.containerName",
    ],
    labels: { tier: "web" },
    spec: tells('echo "$NAME/$TIER/$NODE/$MILLIS/$MEMORY/$BOTH"', {
      resources: { requests: { cpu: "10m" }, limits: { memory: "64Mi" } },
      env: [
        { name: "NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } } },
        { name: "TIER", valueFrom: { fieldRef: { fieldPath: "metadata.labels['tier']" } } },
        { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
        { name: "MILLIS", valueFrom: { resourceFieldRef: { resource: "requests.cpu", divisor: "1m" } } },
        {
          name: "MEMORY",
          valueFrom: { resourceFieldRef: { containerName: "main", resource: "limits.memory", divisor: "1Mi" } },
        },
        { name: "BOTH", value: "$(NAME)-$(TIER)" },
      ],
    }),
    check: ({ said, pod }) => expect(said()).to.equal(`default/web/${pod.spec.nodeName}/10/64/default-web\n`),
  },
  {
    title: "fills the environment from config maps and secrets, whole and by key, and leaves out what may be missing",
    sees: [
      "Container.envFrom",
      "EnvFromSource.prefix",
      "EnvFromSource.configMapRef",
      "EnvFromSource.secretRef",
      "ConfigMapEnvSource.name",
      "ConfigMapEnvSource.optional",
      "SecretEnvSource.name",
      "SecretEnvSource.optional",
      "EnvVarSource.configMapKeyRef",
      "EnvVarSource.secretKeyRef",
      "ConfigMapKeySelector.name",
      "ConfigMapKeySelector.key",
      "ConfigMapKeySelector.optional",
      "SecretKeySelector.name",
      "SecretKeySelector.key",
      "SecretKeySelector.optional",
    ],
    spec: tells('echo "$MY_wall $secretwall $ONE $TWO ${THREE-unset} ${FOUR-unset}"', {
      envFrom: [
        { prefix: "MY_", configMapRef: { name: "colors" } },
        { prefix: "secret", secretRef: { name: "hidden" } },
        { configMapRef: { name: "missing", optional: true } },
        { secretRef: { name: "missing", optional: true } },
      ],
      env: [
        { name: "ONE", valueFrom: { configMapKeyRef: { name: "colors", key: "wall" } } },
        { name: "TWO", valueFrom: { secretKeyRef: { name: "hidden", key: "wall" } } },
        { name: "THREE", valueFrom: { configMapKeyRef: { name: "colors", key: "roof", optional: true } } },
        { name: "FOUR", valueFrom: { secretKeyRef: { name: "missing", key: "roof", optional: true } } },
      ],
    }),
    check: ({ said }) => expect(said()).to.equal("red black red black unset unset\n"),
  },
  {
    title: "tells services in the environment, unless the pod wants none",
    sees: ["PodSpec.enableServiceLinks"],
    spec: {
      restartPolicy: "Never",
      enableServiceLinks: false,
      containers: [telling('echo "${KUBERNETES_SERVICE_PORT-none}/${LINKED_SERVICE_PORT-none}"')],
    },
    check: ({ said }) => expect(said()).to.equal("443/none\n"),
  },
  {
    title: "gives a container a terminal and keeps its standard input open",
    sees: ["Container.tty", "Container.stdin"],
    spec: {
      restartPolicy: "Never",
      containers: [
        shell("{ test -t 0 && echo terminal; timeout 1 cat; echo $?; } > /dev/termination-log", {
          tty: true,
          stdin: true,
        }),
        telling("test -t 0 || echo none; cat; echo $?", { name: "plain" }),
      ],
    },
    check: ({ said }) => {
      expect(said()).to.equal("terminal\n143\n");
      expect(said("plain")).to.equal("none\n0\n");
    },
  },
  {
    title: "closes standard input when the first client has gone, where the pod asks for that",
    sees: ["Container.stdinOnce"],
    spec: { restartPolicy: "Never", containers: [telling("cat; echo end", { stdin: true, stdinOnce: true })] },
    until: isReady,
    async check({ pod, lab }) {
      const { name } = pod.metadata;
      await lab.kubectl(["attach", "--stdin", name], { input: "hello\n" });
      const ended = await lab.until(name, ({ status }) => status.phase === "Succeeded");
      expect(mainOf(ended)?.state.terminated?.message).to.equal("hello\nend\n");
    },
  },
  {
    title: "takes last words from the file that the container names",
    sees: ["Container.terminationMessagePath"],
    spec: {
      restartPolicy: "Never",
      containers: [shell("echo there > /tmp/words", { terminationMessagePath: "/tmp/words" })],
    },
    check: ({ said }) => expect(said()).to.equal("there\n"),
  },
  {
    title: "takes last words from the log of a container that failed without any, where it asks for that",
    sees: ["Container.terminationMessagePolicy"],
    spec: {
      restartPolicy: "Never",
      containers: [
        shell("echo broken; exit 3", { terminationMessagePolicy: "FallbackToLogsOnError" }),
        shell("echo broken; exit 3", { name: "file" }),
      ],
    },
    check({ said, pod }) {
      expect(said()).to.equal("broken\n");
      expect(said("file")).to.equal("");
      expect(mainOf(pod)?.state.terminated).to.include({ exitCode: 3, reason: "Error" });
    },
  },
  {
    title: "does not pull an image that may not be pulled, and says so",
    sees: ["Container.imagePullPolicy"],
    spec: { containers: [shell("", { image: "nowhere.invalid/none:1", imagePullPolicy: "Never" })] },
    until: waitsFor("ErrImageNeverPull"),
    async check({ pod, lab }) {
      const message = 'Container image "nowhere.invalid/none:1" is not present with pull policy of Never';
      expect(mainOf(pod)?.state.waiting?.message).to.equal(message);
      await lab.event(pod.metadata.name, "ErrImageNeverPull", message);
    },
  },
  {
    title: "runs init containers one after the other, and gives every kind of container what it asks for",
    sees: ["PodSpec.initContainers", "PodSpec.containers", "Container.restartPolicy"],
    spec: {
      restartPolicy: "Never",
      volumes: [{ name: "shared", emptyDir: {} }],
      initContainers: [
        telling("echo one > /shared/1; id -u", init("one", 1001)),
        {
          ...shell(
            `cat /shared/1 > /shared/2; echo two >> /shared/2; id -u > /shared/two; ${SLEEPS}`,
            init("two", 1002),
          ),
          restartPolicy: "Always",
        },
        telling(
          "until test -s /shared/two; do sleep 0.1; done; cat /shared/2 > /shared/3; echo three >> /shared/3; id -u",
          init("three", 1003),
        ),
      ],
      containers: [telling("id -u; cat /shared/3 /shared/two", init("main", 1004))],
    },
    until: ({ status }) => status.phase === "Succeeded",
    check({ said }) {
      expect([said("one"), said("three")]).to.deep.equal(["1001\n", "1003\n"]);
      expect(said("main")).to.equal("1004\none\ntwo\nthree\n1002\n");
    },
  },
];

function init(name: string, runAsUser: number) {
  const volumeMounts = [{ name: "shared", mountPath: "/shared" }];
  return { name, volumeMounts, securityContext: { runAsUser } };
}
