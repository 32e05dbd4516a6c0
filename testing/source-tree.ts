// Reads the project's own source files and their imports: what the tidy test looks at.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

export interface SourceFile {
  /** Relative to the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** A path relative to the root for our own files, a package's name, or `node:…`. */
  readonly target: string;
  readonly kind: "own" | "package" | "node";
  readonly typeOnly: boolean;
}

export const projectRoot = dirname(import.meta.dirname);

const FOLDERS = [
  ..."lib api client apiserver controllers scheduler kubelet proxy ctl standalone".split(" "),
  ..."testing bench e2e scripts".split(" "),
];

export function readSourceTree(): readonly SourceFile[] {
  return FOLDERS.flatMap((folder) => typescriptFiles(join(projectRoot, folder))).map((file) => {
    const path = relative(projectRoot, file);
    const text = readFileSync(file, "utf8");
    return { path, text, imports: findImports(path, text) };
  });
}

function typescriptFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const STATIC_IMPORT = /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)";/gm;
const DYNAMIC_IMPORT = /\bimport\("([^"]+)"\)/g;

/** Finds imports by their text: prettier keeps each statement in one of the forms looked for. */
export function findImports(path: string, text: string): Import[] {
  const found = [
    ...[...text.matchAll(STATIC_IMPORT)].map((match) => ({ name: match[2] ?? "", typeOnly: match[1] !== undefined })),
    ...[...text.matchAll(DYNAMIC_IMPORT)].map((match) => ({ name: match[1] ?? "", typeOnly: false })),
  ];
  return found.map(({ name, typeOnly }) => ({ ...resolveImport(path, name), typeOnly }));
}

function resolveImport(path: string, name: string): Omit<Import, "typeOnly"> {
  if (name.startsWith(".")) return { kind: "own", target: normalize(join(dirname(path), name)) };
  if (name.startsWith("node:")) return { kind: "node", target: name };
  const parts = name.split("/");
  return { kind: "package", target: name.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? name) };
}

/** The first cycle among imports that exist at run time, as a list of paths; undefined when there is none. */
export function findCycle(files: readonly SourceFile[]): readonly string[] | undefined {
  const edges = new Map(
    files.map((file) => [
      file.path,
      file.imports.filter((each) => each.kind === "own" && !each.typeOnly).map((each) => each.target),
    ]),
  );
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    const start = trail.indexOf(path);
    if (start >= 0) return [...trail.slice(start), path];
    if (done.has(path)) return undefined;
    for (const next of edges.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const path of edges.keys()) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return undefined;
}
