// Reads the manifests that -f names: files, directories, the web, and standard input; YAML or JSON, with any number of
// documents in each. Says which file and line is wrong.

import { extname, join, resolve } from "node:path";
import { parseYaml } from "../lib/yaml.ts";
import type { AnyObject } from "./any-object.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { list, onOff } from "./flags.ts";

export const manifestFlags = {
  filename: list("The manifest: a file, a directory, a URL, or - for standard input.", {
    short: "f",
    placeholder: "FILE",
  }),
  recursive: onOff("Go through directories and what is below them.", { short: "R" }),
  kustomize: list("Not supported: kctl builds no kustomizations.", { short: "k", placeholder: "DIR" }),
};

export interface Manifest {
  readonly object: AnyObject;
  /** What messages call its origin: the path as given, the URL, or STDIN. */
  readonly source: string;
}

export interface ManifestChoice {
  readonly filename: readonly string[];
  readonly recursive?: boolean;
  readonly kustomize?: readonly string[];
}

const EXTENSIONS = [".json", ".yaml", ".yml"];

/** All objects, in order. Throws CommandError, naming the file, line and column of what is wrong. */
export async function readManifests(io: CommandIo, choice: ManifestChoice): Promise<readonly Manifest[]> {
  if (choice.kustomize && choice.kustomize.length > 0) {
    throw new CommandError(
      "kctl builds no kustomizations (-k). Build it with the kustomize program: kustomize build DIR | kctl apply -f -",
    );
  }
  const manifests: Manifest[] = [];
  for (const name of choice.filename) {
    for (const { source, text } of await readTexts(io, name, choice.recursive ?? false)) {
      manifests.push(...parseManifests(text, source));
    }
  }
  return manifests;
}

interface SourceText {
  readonly source: string;
  readonly text: string;
}

async function readTexts(io: CommandIo, name: string, recursive: boolean): Promise<readonly SourceText[]> {
  if (name === "-") return [{ source: "STDIN", text: await readAll(io) }];
  if (/^https?:\/\//.test(name)) return [{ source: name, text: await io.download(name) }];
  const kind = await io.files.kind(resolve(io.workingDirectory, name));
  if (!kind) throw new CommandError(`the path ${JSON.stringify(name)} does not exist`);
  if (kind === "file") return [{ source: name, text: await readFile(io, name) }];
  const found = await readDirectory(io, name, recursive);
  if (found.length > 0) return found;
  throw new CommandError(
    `error reading [${name}]: recognized file extensions are [${EXTENSIONS.join(" ")}]; the directory has no such file`,
  );
}

async function readDirectory(io: CommandIo, folder: string, recursive: boolean): Promise<readonly SourceText[]> {
  const found: SourceText[] = [];
  for (const entry of await io.files.list(resolve(io.workingDirectory, folder))) {
    const name = join(folder, entry);
    const kind = await io.files.kind(resolve(io.workingDirectory, name));
    if (kind === "directory") {
      if (recursive) found.push(...(await readDirectory(io, name, recursive)));
    } else if (EXTENSIONS.includes(extname(entry))) {
      found.push({ source: name, text: await readFile(io, name) });
    }
  }
  return found;
}

function readFile(io: CommandIo, name: string): Promise<string> {
  return io.files.read(resolve(io.workingDirectory, name)).catch((error: Error) => {
    throw new CommandError(`${name} cannot be read: ${error.message}`);
  });
}

/** All of standard input. */
export async function readAll({ stdin }: CommandIo): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString();
}

/** The objects of a text; lists give their items. Throws CommandError. Pure. */
export function parseManifests(text: string, source: string): Manifest[] {
  const manifests = parseDocuments(text, source).flatMap(({ value, line }) =>
    readObjects(value, { source, line }).map((object) => ({ object, source })),
  );
  return manifests;
}

function parseDocuments(text: string, source: string) {
  try {
    return parseYaml(text).filter(({ value }) => value !== null);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "YamlError") throw error;
    throw new CommandError(`error parsing ${source}: ${error.message}`);
  }
}

interface Place {
  readonly source: string;
  readonly line: number;
}

function readObjects(value: unknown, place: Place): AnyObject[] {
  const refuse = (what: string) =>
    new CommandError(`error validating "${place.source}": the document at line ${place.line} ${what}`);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse("is no object of the API");
  const { apiVersion, kind, metadata, items } = value as Partial<AnyObject>;
  const problem = problemOf(apiVersion, kind, metadata);
  if (problem) throw refuse(problem);
  if (String(kind).endsWith("List") && Array.isArray(items)) return items.flatMap((item) => readObjects(item, place));
  return [{ ...value, metadata: metadata ?? {} } as AnyObject];
}

function problemOf(apiVersion: unknown, kind: unknown, metadata: unknown): string | undefined {
  const missing = [!apiVersion && "apiVersion not set", !kind && "kind not set"].filter((each) => each);
  if (missing.length > 0) return `cannot be used: ${missing.join(", ")}`;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return "needs texts as its apiVersion and kind";
  const isMap = typeof metadata === "object" && !Array.isArray(metadata);
  return metadata === undefined || isMap ? undefined : "needs a map as its metadata";
}
