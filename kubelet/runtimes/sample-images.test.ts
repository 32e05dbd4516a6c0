import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { systemClock } from "../../lib/clock.ts";
import type { Exec } from "../../lib/exec.ts";
import { FakeRuntime } from "./fake.ts";
import { describeNodeImage, ensureSampleImages, parseLibraries } from "./sample-images.ts";

const helloDirectory = join(import.meta.dirname, "../../manifests/hello");
const exec: Pick<Exec, "run"> = {
  run: () => Promise.resolve({ code: 0, stdout: "\tnot a dynamic executable\n", stderr: "", pid: 1 }),
};
const options = { nodePath: process.execPath, helloDirectory, exec };

describe("the samples' images", () => {
  it("contain the libraries that a program names", () => {
    const output = [
      "\tlinux-vdso.so.1 (0x00007ffd6a7f2000)",
      "\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f0d5a3f4000)",
      "\tlibgone.so.1 => not found",
      "\t/lib64/ld-linux-x86-64.so.2 (0x00007f0d5a5e8000)",
    ].join("\n");
    expect(parseLibraries(output)).to.deep.equal(["/lib/x86_64-linux-gnu/libm.so.6", "/lib64/ld-linux-x86-64.so.2"]);
    expect(parseLibraries("\tstatically linked\n")).to.deep.equal([]);
  });

  it("contain files that exist", async () => {
    const { files } = await describeNodeImage(options);
    const sources = files.flatMap((file) => ("source" in file ? [file.source] : []));
    expect(sources).not.to.deep.equal([]);
    expect(sources.filter((path) => !existsSync(path))).to.deep.equal([]);
    expect(existsSync(join(helloDirectory, "server.mjs"))).to.equal(true);
  });

  it("are made for any runtime", async () => {
    const { signal } = new AbortController();
    const { images } = new FakeRuntime({ clock: systemClock(), pullable: [] });
    await ensureSampleImages(images, options, signal);
    const names = (await images.list(signal)).flatMap((image) => image.names);
    expect(names).to.deep.equal(["node:local", "gantry/hello:1.0", "gantry/hello:2.0"]);
  });
});
