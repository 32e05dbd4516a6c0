// What a cluster's data directory remembers between starts: what the cluster is made of, and, for the whole machine, which
// address ranges are taken by whom.

import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chooseSlot, overlap, rangesOfSlot, SLOTS } from "./address-ranges.ts";
import { makeDirectory } from "../lib/make-directory.ts";
import { ignoreMissingFile } from "../lib/ignore-missing-file.ts";
import { ClusterError } from "./cluster-error.ts";
import type { ClusterSettings, SettingsRequest } from "./cluster-settings.ts";
import { readIfPresent, writePrivateFile } from "./private-file.ts";

const settingsFile = (directory: string) => join(directory, "cluster.json");

/** Undefined where there is no cluster yet. */
export async function readSettings(directory: string): Promise<ClusterSettings | undefined> {
  const file = settingsFile(directory);
  const text = await readIfPresent(file).catch((error: NodeJS.ErrnoException) => {
    throw new ClusterError(`${file} cannot be read (${error.code}).`);
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as ClusterSettings;
  } catch {
    throw new ClusterError(`${file} is damaged. Restore it, or remove ${directory} to start a new cluster.`);
  }
}

/** Replaces what was remembered, all of it or nothing. */
export async function writeSettings(directory: string, settings: ClusterSettings): Promise<void> {
  await writePrivateFile(settingsFile(directory), `${JSON.stringify(settings, undefined, 2)}\n`);
}

/** Creates the directory (0700) where it is missing. Rejects with ClusterError where it cannot be written to. */
export async function prepareDirectory(directory: string): Promise<void> {
  try {
    await makeDirectory(join(directory, "log"), 0o700);
    const probe = join(directory, ".writable");
    await writeFile(probe, "");
    await rm(probe);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ClusterError(
      `The data directory ${directory} cannot be written to (${code}). Choose another with --data-dir, or change its owner.`,
    );
  }
}

/** One file per slot, with the data directory of the cluster that has it. */
export interface Claims {
  /** The folder of the claims of this user's clusters. */
  readonly folder: string;
  readonly routes: readonly string[];
}

/** The free ranges for a cluster, as of now. */
export async function findFreeRanges(
  directory: string,
  { folder, routes }: Claims,
): Promise<SettingsRequest["freeRanges"]> {
  const taken = await takenSlots(folder, directory);
  return (kinds) => {
    const isFree = (slot: number) => {
      const { serviceCidr, clusterCidr } = rangesOfSlot(slot, kinds);
      return !taken.has(slot) && !routes.some((route) => overlap(route, serviceCidr) || overlap(route, clusterCidr));
    };
    const slot = chooseSlot(isFree);
    if (slot !== undefined) return rangesOfSlot(slot, kinds);
    throw new ClusterError(
      "All usual address ranges are taken on this machine. Give --service-cidr and --cluster-cidr.",
    );
  };
}

async function takenSlots(folder: string, directory: string): Promise<Set<number>> {
  const names = (await readdir(folder).catch(ignoreMissingFile)) ?? [];
  const taken = await Promise.all(
    names.map(async (name) => {
      // A claim counts as long as its cluster can be found: clusters are removed without being asked.
      const owner = await readFile(join(folder, name), "utf8").catch(() => "");
      const exists = owner !== directory && (await stat(settingsFile(owner)).catch(() => undefined));
      return exists ? Number(name) : undefined;
    }),
  );
  return new Set(taken.filter((slot) => slot !== undefined));
}

/** Tells other clusters of the ranges. Ranges of the user's own choice need no claim: the user keeps them apart. */
export async function claimRanges(directory: string, settings: ClusterSettings, { folder }: Claims): Promise<void> {
  const slot = Number(settings.serviceCidr.split(".")[1]) - 96;
  if (slot < 0 || slot >= SLOTS) return;
  await makeDirectory(folder, 0o700);
  await writeFile(join(folder, String(slot)), directory, { mode: 0o600 });
}
