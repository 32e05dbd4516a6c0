// The tar archives from which images are made on this machine: the build context of one, which is a Dockerfile and the
// files; or the files alone, as a layer, and whatever goes with it.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack, type Pack } from "tar-stream";
import type { LocalFile, LocalImage } from "./image-store.ts";

/** Streams the archive: files are read as they are sent, never held. Destroyed with the error where one cannot be read. */
export function packImage(image: LocalImage): Readable {
  const archive = pack();
  void addAll(archive, image).catch((error: Error) => archive.destroy(error));
  return archive;
}

async function addAll(archive: Pack, image: LocalImage): Promise<void> {
  archive.entry({ name: "Dockerfile" }, renderDockerfile(image));
  archive.entry({ name: "root/tmp", type: "directory", mode: 0o1777 });
  for (const file of image.files) await addFile(archive, file, "root");
  archive.finalize();
}

/** The files as a layer of an image, streamed likewise. */
export function packLayer(image: Pick<LocalImage, "files" | "workingDir">): Readable {
  const archive = pack();
  const addLayer = async () => {
    for (const name of ["tmp", image.workingDir?.slice(1)]) {
      if (name) archive.entry({ name, type: "directory", mode: name === "tmp" ? 0o1777 : 0o755, mtime: NO_TIME });
    }
    for (const file of image.files) await addFile(archive, file, "");
    archive.finalize();
  };
  void addLayer().catch((error: Error) => archive.destroy(error));
  return archive;
}

/** Files by the names that they have in the archive, streamed likewise. */
export function packFiles(files: readonly (readonly [name: string, from: string | Uint8Array])[]): Readable {
  const archive = pack();
  const addFiles = async () => {
    for (const [name, from] of files) {
      const where = { path: `/${name}` };
      await addFile(archive, typeof from === "string" ? { ...where, source: from } : { ...where, content: from }, "");
    }
    archive.finalize();
  };
  void addFiles().catch((error: Error) => archive.destroy(error));
  return archive;
}

/** Equal files make equal layers. */
const NO_TIME = new Date(0);

async function addFile(archive: Pack, file: LocalFile, folder: string): Promise<void> {
  const name = `${folder}${file.path}`.replace(/^\//, "");
  if ("linkTo" in file) {
    archive.entry({ name, type: "symlink", linkname: file.linkTo, mtime: NO_TIME });
  } else if ("content" in file) {
    archive.entry({ name, mode: file.executable ? 0o755 : 0o644, mtime: NO_TIME }, Buffer.from(file.content));
  } else {
    const { size, mode } = await stat(file.source);
    await pipeline(createReadStream(file.source), archive.entry({ name, size, mode: mode & 0o777, mtime: NO_TIME }));
  }
}

/** JSON's strings and lists are also those of a Dockerfile. */
export function renderDockerfile(image: LocalImage): string {
  const lines = [
    `FROM ${image.base ?? "scratch"}`,
    "COPY root /",
    ...Object.entries(image.env ?? {}).map(
      ([name, value]) => `ENV ${name}=${JSON.stringify(value).replaceAll("$", "\\$")}`,
    ),
    ...(image.workingDir ? [`WORKDIR ${image.workingDir}`] : []),
    ...(image.entrypoint ? [`ENTRYPOINT ${JSON.stringify(image.entrypoint)}`] : []),
    ...(image.command ? [`CMD ${JSON.stringify(image.command)}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** Changes when the image has to be made again: with its description, or a file's size or time of change. */
export async function digestImage(image: LocalImage): Promise<string> {
  const hash = createHash("sha256").update(renderDockerfile(image));
  for (const file of image.files) {
    hash.update(`\n${file.path}\n`);
    if ("linkTo" in file) hash.update(file.linkTo);
    else if ("content" in file) hash.update(file.content);
    else {
      const { size, mtimeMs } = await stat(file.source);
      hash.update(`${size} ${mtimeMs}`);
    }
  }
  return hash.digest("hex");
}
