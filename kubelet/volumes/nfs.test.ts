import { expect } from "chai";
import { nfsArguments } from "./nfs.ts";

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
});
