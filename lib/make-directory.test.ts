import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { makeDirectory } from "./make-directory.ts";

describe("making a directory", () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), "gantry-mkdir-"))));
  afterEach(() => rm(root, { recursive: true }));

  const codeOf = (making: Promise<void>) =>
    making.then(
      () => "made",
      (error: NodeJS.ErrnoException) => error.code,
    );

  it("makes the ones above it, too, and may be repeated", async () => {
    for (let i = 0; i < 2; i++) await makeDirectory(join(root, "a/b/c"), 0o700);
    expect((await stat(join(root, "a/b/c"))).mode & 0o777).to.equal(0o700);
  });

  it("fails where a file is in the way", async () => {
    await writeFile(join(root, "file"), "");
    expect(await codeOf(makeDirectory(join(root, "file"), 0o700))).to.equal("EEXIST");
    expect(await codeOf(makeDirectory(join(root, "file/below"), 0o700))).to.equal("ENOTDIR");
  });

  it("fails, and ends, where the kernel makes no directories", async function () {
    if (process.platform !== "linux") this.skip();
    expect(await codeOf(makeDirectory("/proc/gantry-none/below", 0o700))).to.be.oneOf(["ENOENT", "EPERM", "EACCES"]);
  });
});
