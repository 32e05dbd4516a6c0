// The entries of ConfigMaps and Secrets that --from-file, --from-literal and --from-env-file name.

import { basename, join, resolve } from "node:path";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { texts, type FlagTable, type FlagValues } from "../flags.ts";

export const entryFlags = {
  "from-file": texts("A file, KEY=FILE, or a directory whose files become entries.", { placeholder: "FILE" }),
  "from-literal": texts("An entry as KEY=VALUE.", { placeholder: "KEY=VALUE" }),
  "from-env-file": texts("A file with a line KEY=VALUE for each entry.", { placeholder: "FILE" }),
} satisfies FlagTable;

/** In the order given. Throws CommandError for what cannot be read, and for keys that are none or come twice. */
export async function readEntries(
  io: CommandIo,
  flags: FlagValues<typeof entryFlags>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const entries = new Map<string, Uint8Array>();
  const add = (key: string, value: Uint8Array) => {
    if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
      throw new CommandError(
        `${JSON.stringify(key)} is not a valid key name: a valid config key must consist of alphanumeric characters, '-', '_' or '.'`,
      );
    }
    if (entries.has(key))
      throw new CommandError(`cannot add key ${JSON.stringify(key)}, another key by that name already exists`);
    entries.set(key, value);
  };
  for (const given of flags["from-file"]) {
    for (const [key, path] of await planFiles(io, given)) add(key, await readBytes(io, path));
  }
  for (const literal of flags["from-literal"]) {
    const at = literal.indexOf("=");
    if (at < 1) throw new CommandError(`invalid literal source ${literal}, expected key=value`);
    add(literal.slice(0, at), Buffer.from(unquote(literal.slice(at + 1))));
  }
  for (const path of flags["from-env-file"]) {
    for (const [key, value] of readEnvironmentFile(Buffer.from(await readBytes(io, path)).toString())) {
      add(key, Buffer.from(value));
    }
  }
  return entries;
}

const unquote = (text: string) => /^(['"])(.*)\1$/s.exec(text)?.[2] ?? text;

async function planFiles(io: CommandIo, given: string): Promise<readonly (readonly [key: string, path: string])[]> {
  const at = given.indexOf("=");
  if (at === 0 || given.split("=").length > 2)
    throw new CommandError(`invalid file source ${given}, expected [key=]path`);
  if (at > 0) return [[given.slice(0, at), given.slice(at + 1)]];
  const kind = await io.files.kind(resolve(io.workingDirectory, given));
  if (kind !== "directory") return [[basename(given), given]];
  const paths = (await io.files.list(resolve(io.workingDirectory, given))).map((name) => join(given, name));
  const kinds = await Promise.all(paths.map((path) => io.files.kind(resolve(io.workingDirectory, path))));
  return paths.filter((_, index) => kinds[index] === "file").map((path) => [basename(path), path] as const);
}

async function readBytes(io: CommandIo, path: string): Promise<Uint8Array> {
  return io.files.readBytes(resolve(io.workingDirectory, path)).catch((error: Error & { code?: string }) => {
    const what = error.code === "ENOENT" ? "no such file or directory" : error.message;
    throw new CommandError(`error reading ${path}: ${what}`);
  });
}

/** Lines `KEY=VALUE`; empty ones and comments are left out. Pure. */
function readEnvironmentFile(text: string): readonly (readonly [string, string])[] {
  const lines = text.split(/\r?\n/).map((line) => line.trimStart());
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const at = line.indexOf("=");
      return at < 0 ? ([line, ""] as const) : ([line.slice(0, at), line.slice(at + 1)] as const);
    });
}
