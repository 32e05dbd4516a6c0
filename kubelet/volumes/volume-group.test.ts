import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describeWith } from "../../testing/machine-parts.ts";
import { setGroup } from "./volume-group.ts";

const GROUP = 4321;

describeWith(["linux", "root"], "a volume given to a group", () => {
  let base: string;
  let root: string;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "gantry-group-"));
    root = join(base, "volume");
    mkdirSync(join(root, "dir"), { recursive: true, mode: 0o700 });
    writeFileSync(join(root, "dir/file"), "", { mode: 0o600 });
    writeFileSync(join(base, "outside"), "", { mode: 0o600 });
    symlinkSync(join(base, "outside"), join(root, "link"));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const show = (path: string) => {
    const { gid, mode } = statSync(join(base, path));
    return `${gid} ${(mode & 0o7777).toString(8)}`;
  };

  it("is the group's with all that is in it, and nothing that links lead to", async () => {
    await setGroup(root, GROUP, { onlyOnMismatch: false });
    expect(["volume", "volume/dir", "volume/dir/file", "outside"].map(show)).to.deep.equal([
      `${GROUP} 2770`,
      `${GROUP} 2770`,
      `${GROUP} 660`,
      "0 600",
    ]);
  });

  for (const [mode, expected] of [
    [0o2770, "0 600"],
    [0o0770, `${GROUP} 660`],
  ] as const) {
    it(`with OnRootMismatch, a root of mode ${mode.toString(8)} leaves a file ${expected}`, async () => {
      await setGroup(root, GROUP, { onlyOnMismatch: false });
      rmSync(join(root, "dir/file"));
      writeFileSync(join(root, "dir/new"), "", { mode: 0o600 });
      chownSync(join(root, "dir/new"), 0, 0);
      chmodSync(root, mode);
      await setGroup(root, GROUP, { onlyOnMismatch: true });
      expect(show("volume/dir/new")).to.equal(expected);
    });
  }
});
