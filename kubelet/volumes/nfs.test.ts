import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { nfsArguments, nfsVolume } from "./nfs.ts";
import type { VolumeContext } from "./volume-plugin.ts";

const persistent = { name: "disk", readOnly: false, mountOptions: ["nfsvers=4.1", "soft"] };

describe("an NFS volume", () => {
  for (const [title, volume, expected] of [
    ["is mounted from its server", { nfs: { server: "fs", path: "/x" } }, ["-t", "nfs", "fs:/x", "/v"]],
    [
      "is read-only where it says so",
      { nfs: { server: "fs", path: "/x", readOnly: true } },
      ["-t", "nfs", "-o", "ro", "fs:/x", "/v"],
    ],
    [
      "has the options of its persistent volume",
      { nfs: { server: "fs", path: "/x" }, persistent: { ...persistent, readOnly: true } },
      ["-t", "nfs", "-o", "ro,nfsvers=4.1,soft", "fs:/x", "/v"],
    ],
    ["is found at an IPv6 address", { nfs: { server: "fd00::1", path: "/" } }, ["-t", "nfs", "[fd00::1]:/", "/v"]],
  ] as const) {
    it(title, () => expect(nfsArguments({ name: "v", ...volume }, "/v")).to.deep.equal(expected));
  }

  for (const isMounted of [false, true]) {
    it(`is ${isMounted ? "left as it is once it is mounted" : "mounted by the node's own program"}`, async () => {
      const ran: string[] = [];
      const run = (command: string, args: readonly string[]) => {
        ran.push([command, ...args].join(" "));
        return Promise.resolve({ code: 0, stdout: "", stderr: "", pid: 1 });
      };
      const directory = mkdtempSync(join(tmpdir(), "gantry-nfs-"));
      const context = { directory, exec: { run }, signal: new AbortController().signal };
      const volume = { name: "v", nfs: { server: "fs", path: "/x" } };
      await nfsVolume.setUp(volume, {
        ...context,
        isMounted: () => Promise.resolve(isMounted),
      } as unknown as VolumeContext);
      rmdirSync(directory);
      expect(ran).to.deep.equal(isMounted ? [] : [`mount -t nfs fs:/x ${directory}`]);
    });
  }
});
