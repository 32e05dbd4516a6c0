import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { extract } from "tar-stream";
import { digestImage, packImage, renderDockerfile } from "./image-archive.ts";
import type { LocalImage } from "./image-store.ts";

describe("an image made of local files", () => {
  let folder: string;
  let image: LocalImage;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "gantry-image-"));
    await writeFile(join(folder, "program"), "content", { mode: 0o755 });
    image = {
      name: "app:1",
      files: [
        { path: "/bin/program", source: join(folder, "program") },
        { path: "/etc/app.conf", content: Buffer.from("a=1\n") },
        { path: "/bin/link", linkTo: "program" },
      ],
    };
  });
  after(() => rm(folder, { recursive: true }));

  it("is described to Docker without losing anything to its syntax", () => {
    const rendered = renderDockerfile({
      name: "app:1",
      base: "base:1",
      files: [],
      entrypoint: ["/bin/sh", "-c"],
      command: ['echo "$A"'],
      env: { A: 'costs $5 "a b"' },
      workingDir: "/app",
    });
    expect(rendered.split("\n")).to.deep.equal([
      "FROM base:1",
      "COPY root /",
      String.raw`ENV A="costs \$5 \"a b\""`,
      "WORKDIR /app",
      'ENTRYPOINT ["/bin/sh","-c"]',
      String.raw`CMD ["echo \"$A\""]`,
      "",
    ]);
    expect(renderDockerfile({ name: "a", files: [] })).to.match(/^FROM scratch\n/);
  });

  it("is sent as an archive with contents, modes and links", async () => {
    const entries = new Map<string, string>();
    const reading = packImage(image).pipe(extract());
    for await (const entry of reading) {
      const { name, mode = 0, linkname } = entry.header;
      entries.set(name, `${mode.toString(8)} ${linkname ?? (await text(entry))}`);
      entry.resume();
    }
    expect(entries.get("root/bin/program")).to.equal("755 content");
    expect(entries.get("root/etc/app.conf")).to.equal("644 a=1\n");
    expect(entries.get("root/bin/link")).to.match(/ program$/);
    expect(entries.get("root/tmp/") ?? entries.get("root/tmp")).to.match(/^1777 /);
  });

  it("fails to be sent where a file is missing", async () => {
    const broken = packImage({ name: "a", files: [{ path: "/a", source: join(folder, "missing") }] });
    expect(await text(broken).catch((error: NodeJS.ErrnoException) => error.code)).to.equal("ENOENT");
  });

  it("has a digest that changes with the description and the files", async () => {
    const first = await digestImage(image);
    expect(await digestImage(image)).to.equal(first);
    expect(await digestImage({ ...image, env: { A: "1" } })).not.to.equal(first);
    await writeFile(join(folder, "program"), "longer content");
    expect(await digestImage(image)).not.to.equal(first);
  });
});
