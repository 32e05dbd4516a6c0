import {
  promises as fs,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  existsSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describeWith } from "../../testing/machine-parts.ts";
import { heldPath, openBelow, SubPathError } from "./open-below.ts";

describeWith(["linux"], "what lies below a directory", () => {
  let base: string;
  let root: string;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "gantry-below-"));
    root = join(base, "volume");
    mkdirSync(join(root, "inside/deep"), { recursive: true, mode: 0o777 });
    mkdirSync(join(base, "outside"));
    writeFileSync(join(base, "outside/secret"), "secret");
    writeFileSync(join(root, "file"), "");
    symlinkSync("inside", join(root, "link"));
    symlinkSync("../../inside/./deep", join(root, "inside/up"));
    symlinkSync("../file", join(root, "inside/back"));
    symlinkSync(join(root, "inside"), join(root, "absolute"));
    symlinkSync("/etc", join(root, "host"));
    symlinkSync("../outside", join(root, "beside"));
    symlinkSync("loop", join(root, "loop"));
    symlinkSync("../outside/new", join(root, "dangling"));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const find = async (path: string) => {
    const found = await openBelow(root, path);
    try {
      return await fs.readlink(heldPath(found));
    } finally {
      await found.close();
    }
  };

  for (const [path, expected] of [
    ["inside/deep", "inside/deep"],
    ["", ""],
    ["./inside//deep/.", "inside/deep"],
    ["link/deep", "inside/deep"],
    ["inside/back", "file"],
    ["absolute/deep", "inside/deep"],
    ["link/../file", "file"],
  ] as const) {
    it(`is found at "${path}"`, async () => expect(await find(path)).to.equal(join(root, expected)));
  }

  for (const [path, message] of [
    ["host", "it leads out of its volume"],
    ["host/passwd", "it leads out of its volume"],
    ["beside/secret", "it leads out of its volume"],
    ["dangling", "it leads out of its volume"],
    ["../outside", "it leads out of its volume"],
    ["inside/up", "it leads out of its volume"],
    ["loop", "it has too many levels of symbolic links"],
    ["file/x", "a part of it is not a directory"],
  ] as const) {
    it(`is refused for "${path}"`, async () => {
      const error: unknown = await find(path).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(SubPathError);
      expect((error as Error).message).to.equal(message);
      expect(existsSync(join(base, "outside/new"))).to.equal(false);
    });
  }

  it("is made with the rights of the volume where it is missing", async () => {
    await fs.chmod(root, 0o2773);
    expect(await find("link/new/er")).to.equal(join(root, "inside/new/er"));
    for (const path of ["inside/new", "inside/new/er"]) {
      expect((statSync(join(root, path)).mode & 0o7777).toString(8)).to.equal("2773");
    }
  });
});
