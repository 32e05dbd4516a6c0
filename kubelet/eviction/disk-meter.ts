// How much directories hold, as `du` counts it: what is allotted on the disk, and not what is mounted below.

import type { Exec } from "../../lib/exec.ts";

/** By path; a directory that is not there, or could not be read, is missing. */
export type DirectorySizes = ReadonlyMap<string, number>;

export async function measureDirectories(
  exec: Pick<Exec, "run">,
  { paths, unit = "bytes" }: { readonly paths: readonly string[]; readonly unit?: "bytes" | "inodes" },
  signal: AbortSignal,
): Promise<DirectorySizes> {
  if (paths.length === 0) return new Map();
  const counting = unit === "bytes" ? "--block-size=1" : "--inodes";
  // Not of the exit code: files that vanish meanwhile make it fail, and what it says of the rest is right.
  const { stdout } = await exec.run("du", ["-s", "-x", counting, "--", ...paths], { signal });
  return parseSizes(stdout);
}

export function parseSizes(output: string): DirectorySizes {
  const lines = output.split("\n").map((line) => /^(\d+)\t(.+)$/.exec(line));
  return new Map(lines.flatMap((match) => (match ? [[match[2] ?? "", Number(match[1])] as const] : [])));
}
