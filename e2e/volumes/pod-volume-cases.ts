// Volumes that live and die with their pod: empty directories, on disk and in memory.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { mainOf, shell, telling, type PodCase } from "../pod-spec/pod-case.ts";
import { AT_V, lookAt, looksInto, volumes } from "./volume-pods.ts";

export const emptyDirCases: readonly PodCase[] = [
  {
    title: "is empty and open to every user, and shared by the pod's containers",
    sees: [],
    spec: {
      ...looksInto({ emptyDir: {} }, 'echo "$(stat -c %a /v) $(cat /v/note)"'),
      initContainers: [
        shell("count=$(ls /v | wc -l); echo $count > /v/note", {
          name: "init",
          volumeMounts: [AT_V],
          securityContext: { runAsUser: 1000 },
        }),
      ],
    },
    check: ({ said }) => expect(said()).to.equal("777 0\n"),
  },
  {
    title: "keeps its files when a container starts again",
    sees: [],
    spec: {
      ...looksInto({ emptyDir: {} }, ""),
      restartPolicy: "OnFailure",
      containers: [
        shell("test -e /v/seen && echo again > /dev/termination-log && exit 0; touch /v/seen; exit 1", {
          volumeMounts: [AT_V],
        }),
      ],
    },
    check: ({ said, pod }) => expect([said(), mainOf(pod)?.restartCount]).to.deep.equal(["again\n", 1]),
  },
  {
    title: "belongs to the pod's group, and so do files made in it",
    sees: [],
    spec: looksInto({ emptyDir: {} }, 'touch /v/new; echo "$(stat -c "%a %g" /v) $(stat -c %g /v/new)"', {
      securityContext: { runAsUser: 1000, fsGroup: 4321 },
    }),
    check: ({ said }) => expect(said()).to.equal("2777 4321 4321\n"),
  },
  {
    title: "lies in memory where it is asked to, and holds no more than its limit",
    sees: [],
    spec: looksInto(
      { emptyDir: { medium: "Memory", sizeLimit: "2Mi" } },
      'dd if=/dev/zero of=/v/big bs=64k count=64 2>&1 | grep -o "No space left on device"; ' +
        "stat -c %s /v/big; awk '$2 == \"/v\" { print $3 }' /proc/mounts",
    ),
    check: ({ said }) => expect(said()).to.equal(`No space left on device\n${2 * 2 ** 20}\ntmpfs\n`),
  },
  {
    title: "cannot be written to where the mount is read-only",
    sees: [],
    spec: looksInto({ emptyDir: {} }, "touch /v/x || true", {
      containers: [
        telling("touch /v/x || true", {
          volumeMounts: [{ ...AT_V, readOnly: true, recursiveReadOnly: "IfPossible" }],
        }),
      ],
    }),
    check: ({ said }) => expect(said()).to.contain("Read-only file system"),
  },
  {
    title: "shows what is mounted in it later to those who ask, and is gone with its pod all the same",
    sees: [],
    spec: {
      restartPolicy: "Never",
      ...volumes({ v: { emptyDir: {} } }),
      containers: [watcher("follower", "HostToContainer"), watcher("alone", "None")],
    },
    until: ({ status }) => status.containerStatuses?.every(({ state }) => state.running) ?? false,
    check: async ({ pod, lab }) => {
      mountInside(pod.metadata.uid);
      const seen = await lookAt(lab, pod.metadata.name);
      expect([seen.said("follower"), seen.said("alone")]).to.deep.equal(["deep\n", "nothing\n"]);
    },
  },
];

function watcher(name: string, mountPropagation: "HostToContainer" | "None") {
  const wait = "until test -e /v/done; do sleep 0.1; done; cat /v/m/note 2> /dev/null || echo nothing";
  return telling(wait, { name, volumeMounts: [{ ...AT_V, mountPropagation }] });
}

/** As a program of the node's, or a privileged container of another pod, would. */
function mountInside(podUid: string): void {
  const table = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const path = table
    .map((line) => line.split(" ")[4] ?? "")
    .find((each) => each.includes(podUid) && each.endsWith("/v"));
  if (!path) throw new Error(`the volume of pod ${podUid} is no mount`);
  mkdirSync(join(path, "m"));
  execFileSync("mount", ["-t", "tmpfs", "none", join(path, "m")]);
  writeFileSync(join(path, "m/note"), "deep\n");
  writeFileSync(join(path, "done"), "");
}

export const subPathCases: readonly PodCase[] = [
  {
    title: "is made with the rights of its volume where it is missing",
    sees: [],
    spec: looksInto({ emptyDir: {} }, "", {
      securityContext: { runAsUser: 1000 },
      containers: [
        telling('touch /one/file && ls /all/a/b && stat -c %a /one && echo "$POD" && ls /all/by', {
          env: [{ name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.labels['name']" } } }],
          volumeMounts: [
            { name: "v", mountPath: "/all" },
            { name: "v", mountPath: "/one", subPath: "a/b" },
            { name: "v", mountPath: "/two", subPathExpr: "by/$(POD)" },
          ],
        }),
      ],
    }),
    labels: { name: "first" },
    check: ({ said }) => expect(said()).to.equal("file\n777\nfirst\nfirst\n"),
  },
  {
    title: "may be a single file, which can be mounted over one of the image",
    sees: [],
    spec: looksInto({ configMap: { name: "colors" } }, "", {
      containers: [
        telling("cat /etc/wall; ls /etc | wc -l > /dev/null; touch /etc/wall || true", {
          volumeMounts: [{ name: "v", mountPath: "/etc/wall", subPath: "wall" }],
        }),
      ],
    }),
    check: ({ said }) => {
      expect(said()).to.match(/^red/);
      expect(said()).to.contain("Read-only file system");
    },
  },
  {
    title: "stays where it is through restarts of the container",
    sees: [],
    spec: looksInto({ emptyDir: {} }, "", {
      restartPolicy: "OnFailure",
      containers: [
        shell("echo x >> /v/count; test $(wc -l < /v/count) = 3 && cp /v/count /dev/termination-log", {
          volumeMounts: [{ ...AT_V, subPath: "deep" }],
        }),
      ],
    }),
    check: ({ said }) => expect(said()).to.equal("x\nx\nx\n"),
  },
  ...(["/", "/etc", "../../../../../../../../etc"] as const).map((target): PodCase => ({
    title: `is refused where it leads to the node's ${target}`,
    sees: [],
    spec: looksInto({ emptyDir: {} }, "", {
      initContainers: [shell(`ln -s ${target} /v/link`, { name: "attacker", volumeMounts: [AT_V] })],
      containers: [shell("ls /v", { volumeMounts: [{ ...AT_V, subPath: "link" }] })],
    }),
    until: (pod) => mainOf(pod)?.state.waiting?.reason === "CreateContainerConfigError",
    check: ({ pod }) =>
      expect(mainOf(pod)?.state.waiting?.message).to.equal(
        'failed to prepare subPath for volumeMount "v" of container "main": it leads out of its volume',
      ),
  })),
  {
    title: "is refused where its expression names what the container does not have",
    sees: [],
    spec: looksInto({ emptyDir: {} }, "", {
      containers: [shell("true", { volumeMounts: [{ ...AT_V, subPathExpr: "$(NOTHING)/x" }] })],
    }),
    until: (pod) => mainOf(pod)?.state.waiting?.reason === "CreateContainerConfigError",
    check: ({ pod }) => expect(mainOf(pod)?.state.waiting?.message).to.equal("missing value for NOTHING"),
  },
  {
    title: "is looked up anew at each start, while a neighbour swaps it for a link without end",
    sees: [],
    spec: {
      ...volumes({ v: { emptyDir: {} } }),
      containers: [
        shell("mkdir -p /v/d; while :; do mv /v/d /v/e; ln -s / /v/d; rm /v/d; mv /v/e /v/d; sleep 0.01; done", {
          name: "attacker",
          volumeMounts: [AT_V],
        }),
        // The root of a volume that was just made has no /etc.
        shell("test ! -e /v/etc && echo safe > /dev/termination-log; exit 1", {
          volumeMounts: [{ ...AT_V, subPath: "d" }],
        }),
      ],
    },
    until: (pod) =>
      (pod.status.containerStatuses ?? []).some(({ name, lastState }) => name === "main" && lastState.terminated),
    check: ({ said }) => expect(said("main")).to.equal("safe\n"),
  },
];
