import { expect } from "chai";
import { mountOf, mountsBelow, parseMountTable } from "./mount-table.ts";

const TABLE = `23 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 23 0:31 / /var/kubelet/pods/u1/volumes/memory rw shared:7 master:1 - tmpfs tmpfs rw
41 40 0:32 / /var/kubelet/pods/u1/volumes/memory/a\\040b\\134c\\011 rw - tmpfs tmpfs rw
42 40 0:33 / /var/kubelet/pods/u1/volumes/memory rw - tmpfs tmpfs rw
43 23 0:34 / /var/kubelet/pods/u10 rw - tmpfs shared:9 rw
`;

describe("the table of mounts", () => {
  const table = parseMountTable(TABLE);

  it("tells what is below a directory, innermost first, each layer, under its real name", () => {
    const memory = "/var/kubelet/pods/u1/volumes/memory";
    expect(mountsBelow(table, "/var/kubelet/pods/u1")).to.deep.equal([`${memory}/a b\\c\t`, memory, memory]);
    expect(mountsBelow(table, memory)).to.deep.equal([`${memory}/a b\\c\t`]);
  });

  for (const [path, mount, isShared] of [
    ["/etc", "/", false],
    ["/var/kubelet/pods/u1", "/", false],
    ["/var/kubelet/pods/u10/x", "/var/kubelet/pods/u10", false],
    ["/var/kubelet/pods/u1/volumes/memory/x", "/var/kubelet/pods/u1/volumes/memory", false],
  ] as const) {
    it(`finds the uppermost mount that ${path} lies in`, () => {
      expect(mountOf(table, path)).to.deep.equal({ path: mount, isShared });
    });
  }

  it("tells a shared mount from the marks before the dash", () => {
    expect(table.map(({ isShared }) => isShared)).to.deep.equal([false, true, false, false, false]);
  });
});
