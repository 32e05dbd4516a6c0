// Changing kubeconfig files: only what is asked for changes, and paths in the file stay as they are.

import type { Kubeconfig } from "../../client/kubeconfig.ts";
import { renderYaml } from "../../lib/render-yaml.ts";
import { parseYaml } from "../../lib/yaml.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import type { GlobalFlags } from "../global-flags.ts";
import { kubeconfigPaths } from "../kubeconfig-path.ts";

/**
 * Writes what `change` makes of the first file that `isHome` holds for, else of the first file, which need not exist. Throws
 * CommandError where a file is no kubeconfig.
 */
export async function changeKubeconfig(
  io: CommandIo,
  flags: GlobalFlags,
  { isHome, change }: { isHome(config: Kubeconfig): boolean; change(config: Kubeconfig): Kubeconfig },
): Promise<void> {
  const paths = await kubeconfigPaths(io, flags.kubeconfig);
  const configs = await Promise.all(paths.map((path) => readFile(io, path)));
  const found = configs.findIndex((config) => config !== undefined && isHome(config));
  const index = Math.max(found, 0);
  const config = change(configs[index] ?? { apiVersion: "v1", kind: "Config", preferences: {} });
  await io.files.write(paths[index] ?? "", renderYaml(config));
}

async function readFile(io: CommandIo, path: string): Promise<Kubeconfig | undefined> {
  if ((await io.files.kind(path)) === undefined) return undefined;
  try {
    const value = parseYaml(await io.files.read(path))[0]?.value;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw new CommandError(`The kubeconfig ${path} cannot be read: ${(error as Error).message}.`);
  }
  throw new CommandError(`The kubeconfig ${path} is not one.`);
}

const HIDDEN: Readonly<Record<string, string>> = {
  "certificate-authority-data": "DATA+OMITTED",
  "client-certificate-data": "DATA+OMITTED",
  "client-key-data": "DATA+OMITTED",
  token: "REDACTED",
  password: "REDACTED",
};

/** The kubeconfig as it can be shown to others. Pure. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => withoutSecrets(each));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value as Readonly<Record<string, unknown>>).map(([key, each]) => [
    key,
    each ? (HIDDEN[key] ?? withoutSecrets(each)) : each,
  ]);
  return Object.fromEntries(entries);
}

/** What the current context uses, and nothing else. Throws CommandError where there is none. Pure. */
export function minify(config: Kubeconfig, name: string | undefined): Kubeconfig {
  const current = config.contexts?.find((each) => each.name === (name ?? config["current-context"]));
  if (!current) throw new CommandError("cannot locate context: set one with kctl config use-context NAME");
  return {
    ...config,
    clusters: config.clusters?.filter((each) => each.name === current.context.cluster),
    contexts: [current],
    users: config.users?.filter((each) => each.name === current.context.user),
    "current-context": current.name,
  };
}
