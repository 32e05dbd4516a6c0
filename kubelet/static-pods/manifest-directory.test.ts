import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { diskManifests } from "./manifest-directory.ts";

describe("the directory of manifests", () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), "gantry-manifests-"))));
  afterEach(() => rm(root, { recursive: true }));

  it("is read in the order of names, without what is hidden or no file", async () => {
    await mkdir(join(root, "folder"));
    for (const name of ["b.yaml", "a.json", ".hidden"]) await writeFile(join(root, name), name);
    expect(await diskManifests(root).read()).to.deep.equal([
      { path: join(root, "a.json"), content: { text: "a.json" } },
      { path: join(root, "b.yaml"), content: { text: "b.yaml" } },
    ]);
  });

  it("is made where it is not there, and may be a single file", async () => {
    expect(await diskManifests(join(root, "new/manifests")).read()).to.deep.equal([]);
    await writeFile(join(root, "pod.yaml"), "text");
    const path = join(root, "pod.yaml");
    expect(await diskManifests(path).read()).to.deep.equal([{ path, content: { text: "text" } }]);
  });

  it("tells of files that are too large for a pod", async () => {
    await writeFile(join(root, "big"), Buffer.alloc(10 * 1024 * 1024 + 1));
    const [file] = await diskManifests(root).read();
    expect(file?.content).to.deep.equal({ problem: "it has 10485761 bytes, and 10485760 are allowed" });
  });

  it("tells of changes", async () => {
    const stop = new AbortController();
    const changed = new Promise<void>((resolve) => diskManifests(root).watch(resolve, stop.signal));
    await writeFile(join(root, "a.yaml"), "text");
    await changed;
    stop.abort();
  });
});
