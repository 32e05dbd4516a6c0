// Every source of a volume, seen from inside of a container on real Docker.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { configMaps } from "../../api/core/config-map.ts";
import { secrets } from "../../api/core/secret.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { PodLab } from "../pod-spec/pod-lab.ts";
import type { PodCase } from "../pod-spec/pod-case.ts";
import { eventually } from "../waiting.ts";
import { describeClaims } from "./claims.ts";
import { hostPathCases } from "./host-path-cases.ts";
import { describeLiveUpdates } from "./live-updates.ts";
import { failureCases, objectCases } from "./object-cases.ts";
import { emptyDirCases, subPathCases } from "./pod-volume-cases.ts";
import { NODE_PLACE } from "./volume-pods.ts";

const namespace = "default";
const topics: readonly (readonly [string, readonly PodCase[]])[] = [
  ["an empty directory", emptyDirCases],
  ["a path below a volume", subPathCases],
  ["a volume of objects", objectCases],
  ["a path of the node", hostPathCases],
  ["a volume that cannot be made is told for", failureCases],
];

describeWith(["docker", "root", "kubectl"], "volumes on Docker", function () {
  let lab: PodLab;
  let socket: Server;

  before(async () => {
    socket = makeNodePlace();
    lab = await PodLab.start();
    await lab.client.create(configMaps, {
      metadata: { namespace, name: "colors" },
      data: { wall: "red", door: "blue" },
      binaryData: { raw: "AP8Q" },
    });
    await lab.client.create(secrets, { metadata: { namespace, name: "hidden" }, stringData: { wall: "black" } });
  });
  after(async () => {
    await lab?.stop();
    socket.close();
    rmSync(NODE_PLACE, { recursive: true, force: true });
  });

  for (const [topic, cases] of topics) {
    describe(topic, () => {
      const nameOf = (position: number) => `${topic.replace(/[^a-z]+/g, "-")}-${position}`;
      const uids: string[] = [];

      before(async () => {
        const made = cases.map(({ spec, labels, annotations }, position) =>
          lab.create(nameOf(position), spec, { labels, annotations }),
        );
        uids.push(...(await Promise.all(made)).map(({ metadata }) => metadata.uid));
      });

      for (const [position, each] of cases.entries()) {
        it(each.title, async () => {
          await each.check(await lab.look(each, nameOf(position)));
        });
      }

      it("leaves nothing mounted when its pods are gone", async () => {
        await Promise.all(cases.map((_, position) => lab.remove(nameOf(position))));
        await eventually("all pods are gone", async () => (await lab.kubectl(["get", "pods", "-o", "name"])) === "");
        // A pod that has ended goes from the API at once, and is cleared away after that.
        await eventually("nothing of them is mounted", () => {
          const mounts = readFileSync("/proc/self/mountinfo", "utf8");
          return uids.every((uid) => !mounts.includes(uid));
        });
      });
    });
  }

  describe("changes of objects", () => describeLiveUpdates(() => lab));

  describe("a claimed volume", () => describeClaims(() => lab));
});

function makeNodePlace(): Server {
  mkdirSync(join(NODE_PLACE, "dir"), { recursive: true });
  writeFileSync(join(NODE_PLACE, "dir/file"), "content\n");
  execFileSync("mkfifo", [join(NODE_PLACE, "pipe")]);
  execFileSync("mknod", [join(NODE_PLACE, "block"), "b", "7", "200"]);
  return createServer().listen(join(NODE_PLACE, "socket"));
}
