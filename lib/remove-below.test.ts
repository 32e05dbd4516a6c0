import { expect } from "chai";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeBelow } from "./remove-below.ts";

describe("removing below a directory", () => {
  let base: string;
  let root: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "gantry-remove-"));
    root = join(base, "root");
    await mkdir(join(root, "data", "deep"), { recursive: true });
    await mkdir(join(base, "other", "kept"), { recursive: true });
    await writeFile(join(root, "data", "deep", "file"), "");
  });
  afterEach(() => rm(base, { recursive: true }));

  it("removes a directory with all that is in it, also twice", async () => {
    await removeBelow(root, join(root, "data"));
    await removeBelow(root, join(root, "data"));
    await removeBelow(root, join(root, "never", "there"));
    expect(existsSync(join(root, "data"))).to.equal(false);
    expect(existsSync(root)).to.equal(true);
  });

  const refused: [string, (root: string) => string][] = [
    ["beside it", (at) => join(at, "..", "other")],
    ["that is itself", (at) => at],
    ["that a link leads out to", (at) => join(at, "link", "kept")],
  ];
  for (const [title, pathIn] of refused) {
    it(`refuses a path ${title}`, async () => {
      await symlink(join(base, "other"), join(root, "link"));
      const error: unknown = await removeBelow(root, pathIn(root)).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(Error);
      expect(existsSync(join(base, "other", "kept"))).to.equal(true);
      expect(existsSync(join(root, "data"))).to.equal(true);
    });
  }
});
