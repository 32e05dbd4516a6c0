// Where kctl finds its kubeconfig and keeps what it remembers.

import { delimiter, join, resolve } from "node:path";
import type { CommandIo } from "./command-io.ts";

/** `$KCTL_HOME`, else `~/.kctl`. */
export function dataDirectory(io: Pick<CommandIo, "environment" | "homeDirectory" | "workingDirectory">): string {
  const home = io.environment.KCTL_HOME;
  return home ? resolve(io.workingDirectory, home) : join(io.homeDirectory, ".kctl");
}

/**
 * The files to read, the first being the one to write: `--kubeconfig`, else KUBECONFIG's list, else the cluster's own in the
 * data directory, else kubectl's.
 */
export async function kubeconfigPaths(io: CommandIo, flag: string | undefined): Promise<readonly string[]> {
  if (flag) return [resolve(io.workingDirectory, flag)];
  const named = (io.environment.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
  if (named.length > 0) return named.map((path) => resolve(io.workingDirectory, path));
  const own = join(dataDirectory(io), "kubeconfig");
  const usual = join(io.homeDirectory, ".kube/config");
  if ((await io.files.kind(own)) !== undefined) return [own];
  return (await io.files.kind(usual)) !== undefined ? [usual] : [own];
}
