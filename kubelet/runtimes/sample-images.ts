// The images of the samples and of the tests, described as files of this machine: nothing is fetched from anywhere.

import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Exec } from "../../lib/exec.ts";
import type { ImageStore, LocalFile, LocalImage } from "./image-store.ts";
import { RuntimeError } from "./runtime-error.ts";

export interface SampleImageOptions {
  /** The absolute path of Node's own program, which becomes part of the images. */
  readonly nodePath: string;
  /** The absolute path of the folder that holds the sample's `server.mjs`: manifests/hello. */
  readonly helloDirectory: string;
  readonly exec: RunProgram;
}

/** For `ldd`. */
type RunProgram = Pick<Exec, "run">;

/** Two versions, so that a rolling update can be tried. */
const HELLO_VERSIONS = ["1.0", "2.0"];

/**
 * Makes `node:local` and the images of manifests/hello.yaml (`gantry/hello:1.0`, `gantry/hello:2.0`) where they are missing
 * or out of date. Repeating it costs a few milliseconds.
 */
export async function ensureSampleImages(
  images: ImageStore,
  options: SampleImageOptions,
  signal: AbortSignal,
): Promise<void> {
  await images.make(await describeNodeImage(options), signal);
  for (const version of HELLO_VERSIONS) await images.make(describeHelloImage(version, options), signal);
}

/** Node alone: `node` is its entry point. */
export async function describeNodeImage({ nodePath, exec }: SampleImageOptions): Promise<LocalImage> {
  const files = [
    { path: "/usr/local/bin/node", source: realpathSync(nodePath) },
    ...(await findLibraries(nodePath, exec)),
    ...nameLookup(),
  ];
  return { name: "node:local", files, entrypoint: ["/usr/local/bin/node"] };
}

function describeHelloImage(version: string, { helloDirectory }: SampleImageOptions): LocalImage {
  return {
    name: `gantry/hello:${version}`,
    base: "node:local",
    files: [{ path: "/app/server.mjs", source: join(helloDirectory, "server.mjs") }],
    entrypoint: ["/usr/local/bin/node", "/app/server.mjs"],
    env: { VERSION: version },
    workingDir: "/app",
  };
}

const SHELL_COMMANDS =
  "sh ash awk stty seq cat chmod cp cut date dd df du echo env false find free grep head hostname httpd id ifconfig ip kill ln ls " +
  "md5sum mkdir mount mv nc netstat nslookup ping ps pwd rm sed sleep sort stat tail tar tee test timeout top touch tr true " +
  "umount uname vi wc wget which whoami xargs yes";

/** `busybox:local`: a shell and the usual small programs. Throws where Debian's busybox is not installed. */
export async function describeBusyboxImage(exec: RunProgram): Promise<LocalImage> {
  const source = ["/bin/busybox", "/usr/bin/busybox"].find((path) => existsSync(path));
  if (source === undefined) throw new RuntimeError("NotFound", "busybox is not installed: apt-get install busybox");
  return {
    name: "busybox:local",
    files: [
      { path: "/bin/busybox", source },
      ...(await findLibraries(source, exec)),
      ...nameLookup(),
      ...SHELL_COMMANDS.split(" ").map((name) => ({ path: `/bin/${name}`, linkTo: "busybox" })),
    ],
    command: ["sh"],
    env: { PATH: "/bin" },
  };
}

/** The libraries that `ldd` lists for a program, at the same paths; none for a static one. */
async function findLibraries(program: string, exec: RunProgram): Promise<LocalFile[]> {
  const { stdout } = await exec.run("ldd", [program]);
  return parseLibraries(stdout).map((path) => ({ path, source: realpathSync(path) }));
}

/** The paths in lines such as `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)` and `/lib64/ld-linux-x86-64.so.2 (0x…)`. */
export function parseLibraries(output: string): string[] {
  return [...output.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)$/gm)].map((match) => match[1] ?? "");
}

/** What glibc needs besides to look up users and hosts. */
function nameLookup(): LocalFile[] {
  const folder =
    ["/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64"].find((path) => existsSync(path)) ?? "/lib";
  const libraries = ["libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"].map((name) => join(folder, name));
  const text = (path: string, content: string) => ({ path, content: Buffer.from(content) });
  return [
    ...libraries.filter((path) => existsSync(path)).map((path) => ({ path, source: realpathSync(path) })),
    text("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
    text("/etc/passwd", "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
    text("/etc/group", "root:x:0:\nnogroup:x:65534:\n"),
  ];
}
