import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { systemExec } from "../../lib/exec.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { podOf } from "../../testing/pod-states.ts";
import { diskFiles } from "../node-files.ts";
import { ClaimedVolumes } from "./claimed-volumes.ts";
import { volumePlugins } from "./index.ts";
import { PodVolumes } from "./pod-volumes.ts";

const { signal } = new AbortController();

describeWith(["linux", "root"], "a volume whose mounts are passed on", () => {
  let rootDirectory: string;
  let volumes: PodVolumes;

  before(() => {
    rootDirectory = mkdtempSync(join(tmpdir(), "gantry-propagation-"));
    volumes = new PodVolumes({
      plugins: volumePlugins,
      claims: new ClaimedVolumes({ get: () => Promise.reject(new Error("no server")) }),
      rootDirectory,
      files: diskFiles,
      events: { record: () => undefined },
      exec: systemExec(),
    });
  });
  after(() => rmSync(rootDirectory, { recursive: true, force: true }));

  for (const emptyDir of [{}, { medium: "Memory" }]) {
    it(`shows the node what a container mounts in it, and is removed with that: ${JSON.stringify(emptyDir)}`, async () => {
      const mount = { name: "v", mountPath: "/v", mountPropagation: "Bidirectional" } as const;
      const containers = [{ name: "main", resources: {}, volumeMounts: [mount] }];
      const pod = podOf({ containers, volumes: [{ name: "v", emptyDir }] });
      const facts = { podIP: undefined, hostIPs: [], nodeName: "n1", allocatable: {} };
      const sources = {
        facts,
        signal,
        configMap: () => undefined,
        secret: () => undefined,
        token: () => Promise.resolve(""),
      };
      await volumes.setUp(pod, sources);
      await volumes.setUp(pod, sources);
      const path = volumes.pathOf(pod, "v");
      expect(await diskFiles.mountsBelow(rootDirectory)).to.deep.equal([path]);
      // A mount namespace of its own is what a container has of it.
      const inside = `mkdir '${path}/a b' && mount -t tmpfs none '${path}/a b'`;
      execFileSync("unshare", ["--mount", "--propagation", "unchanged", "sh", "-c", inside]);
      expect(await diskFiles.mountsBelow(rootDirectory)).to.deep.equal([`${path}/a b`, path]);
      await volumes.tearDown(pod.metadata.uid, signal);
      expect(await diskFiles.mountsBelow(rootDirectory)).to.deep.equal([]);
      expect(await diskFiles.list(join(rootDirectory, "pods"))).to.deep.equal([]);
    });
  }
});
