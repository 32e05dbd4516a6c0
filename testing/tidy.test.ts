// A test of the source tree: the rules of the design that a machine can check, for every file and without exceptions.
// What eslint checks already (sizes, complexity, ambient clocks) is not repeated here.

import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "chai";
import { findCycle, findImports, projectRoot, readSourceTree, type SourceFile } from "./source-tree.ts";

/** Which of our folders a folder may import besides itself. Tests may import anything. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  api: ["lib"],
  client: ["api", "lib"],
  apiserver: ["api", "lib"],
  controllers: ["client", "api", "lib"],
  scheduler: ["client", "api", "lib"],
  kubelet: ["client", "api", "lib"],
  proxy: ["client", "api", "lib"],
  ctl: ["client", "api", "lib"],
  standalone: ["apiserver", "controllers", "scheduler", "kubelet", "proxy", "client", "api", "lib"],
};

/** The one file of each package. */
const HOME_OF_PACKAGE: Readonly<Record<string, string>> = {
  express: "lib/http-server.ts",
  ws: "lib/websocket-frames.ts",
  "@peculiar/x509": "lib/x509.ts",
  "reflect-metadata": "lib/x509.ts",
  "js-yaml": "lib/yaml.ts",
  "prom-client": "lib/metrics.ts",
  pino: "lib/log.ts",
  dockerode: "kubelet/runtimes/docker.ts",
  etcd3: "apiserver/storage/etcd-client.ts",
  "dns-packet": "proxy/dns/message.ts",
  cockatiel: "apiserver/storage/etcd-client.ts",
  lmdb: "apiserver/storage/embedded-store.ts",
  "@grpc/grpc-js": "kubelet/runtimes/cri/grpc.ts",
  "@grpc/proto-loader": "kubelet/runtimes/cri/grpc.ts",
};

const TEST_PACKAGES = new Set(["chai", "fast-check", "fast-json-patch", "mocha", "@kubernetes/client-node"]);
const FORBIDDEN_WORDS = /(^|-)(utils?|helpers?|common|managers?|misc|mocks?)(-|\.)/;
const WAIVERS = /eslint-disable|@ts-ignore|@ts-expect-error|@ts-nocheck|prettier-ignore|c8 ignore/;
const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b/;
const THIS_FILE = "testing/tidy.test.ts";

const isTest = (path: string) => path.endsWith(".test.ts") || /^(testing|e2e|bench|scripts)\//.test(path);
const folderOf = (path: string) => path.split("/")[0] ?? "";
const isMain = (path: string) => basename(path) === "main.ts";

const files = readSourceTree();
const product = files.filter((file) => !isTest(file.path));

/** The offences found, one line each; an empty list is a pass. */
function offences(among: readonly SourceFile[], find: (file: SourceFile) => readonly string[]): readonly string[] {
  return among.flatMap((file) => find(file).map((offence) => `${file.path}: ${offence}`));
}

/** `ctl` starts the standalone cluster through a lazy import in one file. */
function isLazyStandalone(file: SourceFile, target: string): boolean {
  const line = new RegExp(`import\\("[^"]*${basename(target)}"\\)`);
  return folderOf(file.path) === "ctl" && folderOf(target) === "standalone" && line.test(file.text);
}

describe("the source tree", () => {
  it("imports along the arrows of the design only", () => {
    const found = offences(product, (file) =>
      file.imports
        .filter(({ kind, target }) => kind === "own" && folderOf(target) !== folderOf(file.path))
        .filter(({ target }) => !MAY_IMPORT[folderOf(file.path)]?.includes(folderOf(target)))
        .filter(({ target }) => !isLazyStandalone(file, target))
        .map(({ target }) => `imports ${target}`),
    );
    expect(found).to.deep.equal([]);
  });

  it("starts the standalone cluster from one file of ctl only", () => {
    const starters = product.filter(
      (file) => folderOf(file.path) === "ctl" && file.imports.some(({ target }) => folderOf(target) === "standalone"),
    );
    expect(starters.map((file) => file.path)).to.have.length.at.most(1);
  });

  it("has no import cycles", () => {
    expect(findCycle(product)).to.equal(undefined);
  });

  it("uses each package in one file", () => {
    const users = new Map<string, Set<string>>();
    for (const file of product) {
      for (const { kind, target } of file.imports) {
        if (kind === "package") users.set(target, (users.get(target) ?? new Set()).add(file.path));
      }
    }
    users.delete("commander");
    const found = [...users].filter(([name, paths]) => {
      const home = HOME_OF_PACKAGE[name];
      return paths.size > 1 || (home !== undefined && !paths.has(home));
    });
    expect(found.map(([name, paths]) => `${name}: ${[...paths].join(", ")}`)).to.deep.equal([]);
  });

  it("uses commander in main.ts files and in ctl/commands only", () => {
    const found = offences(product, (file) =>
      file.imports.some(({ target }) => target === "commander") &&
      !isMain(file.path) &&
      !file.path.startsWith("ctl/commands/")
        ? ["imports commander"]
        : [],
    );
    expect(found).to.deep.equal([]);
  });

  it("keeps test packages and testing/ out of the product", () => {
    const found = offences(product, (file) =>
      file.imports
        .filter(({ kind, target }) => (kind === "package" ? TEST_PACKAGES.has(target) : isTest(target)))
        .map(({ target }) => `imports ${target}`),
    );
    expect(found).to.deep.equal([]);
  });

  it("declares every package it imports, in an exact version", () => {
    const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
      devDependencies: Record<string, string>;
    };
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
      .filter(([, version]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+$/.test(version))
      .map(([name, version]) => `${name}@${version}`);
    const undeclared = offences(product, (file) =>
      file.imports
        .filter(({ kind, target }) => kind === "package" && !(target in manifest.dependencies))
        .map(({ target }) => `imports ${target}`),
    );
    expect([...loose, ...undeclared]).to.deep.equal([]);
  });

  it("names files in kebab-case after what they hold, never utils or managers", () => {
    const found = files
      .map((file) => basename(file.path))
      .filter(
        (name) =>
          !/^[a-z0-9]+(-[a-z0-9]+)*(\.(integration|e2e|docker\.integration))*(\.test)?\.ts$/.test(name) ||
          FORBIDDEN_WORDS.test(name),
      );
    expect(found).to.deep.equal([]);
  });

  it("opens each file of the product with a comment that says what it is", () => {
    const found = product.filter((file) => !/^(#!.*\n)?(\/\/ \S|\/\*\* ?\S)/.test(file.text)).map((file) => file.path);
    const empty = product.filter((file) => file.text.startsWith("// HEADER")).map((file) => file.path);
    expect([...found, ...empty]).to.deep.equal([]);
  });

  it("uses index.ts for registration lists only, without re-exports", () => {
    const found = files
      .filter((file) => basename(file.path) === "index.ts" && /^export (\*|\{|type \{)/m.test(file.text))
      .map((file) => file.path);
    expect(found).to.deep.equal([]);
  });

  it("reads the environment and the command line, and exits, in main.ts files only", () => {
    const found = offences(product, (file) =>
      isMain(file.path) ? [] : [...file.text.matchAll(/\bprocess\.(env|argv|exit)\b/g)].map((match) => match[0]),
    );
    expect(found).to.deep.equal([]);
  });

  it("has no waivers and nothing left undone", () => {
    const found = offences(
      files.filter((file) => file.path !== THIS_FILE),
      (file) =>
        file.text
          .split("\n")
          .filter((line) => WAIVERS.test(line) || (UNFINISHED.test(line) && /\/\/|\*/.test(line)))
          .map((line) => line.trim()),
    );
    expect(found).to.deep.equal([]);
  });

  it("skips and singles out no test by hand", () => {
    const found = offences(
      files.filter((file) => file.path !== THIS_FILE),
      (file) => [...file.text.matchAll(/\b(it|describe|context)\.(skip|only)\(/g)].map((match) => match[0]),
    );
    expect(found).to.deep.equal([]);
  });

  it("has a test beside each file of lib/, unless the file only declares types", () => {
    const tested = new Set(files.filter((file) => file.path.endsWith(".test.ts")).map((file) => file.path));
    const untested = product
      .filter((file) => folderOf(file.path) === "lib" && /^(export )?(async )?function|=> /m.test(file.text))
      .filter((file) => !tested.has(file.path.replace(/\.ts$/, ".test.ts")))
      .map((file) => file.path);
    expect(untested).to.deep.equal([]);
  });

  it("numbers its decision records", () => {
    const names = readdirSync(join(projectRoot, "docs/decisions"));
    expect(names.filter((name) => !/^\d{4}-[a-z0-9-]+\.md$/.test(name))).to.deep.equal([]);
  });
});

describe("the reader of imports", () => {
  it("sees static, type-only and dynamic imports", () => {
    const text = [
      'import { a } from "./a.ts";',
      'import type { B } from "../b.ts";',
      'import "side-effect";',
      'const c = await import("@scope/c/deep");',
    ].join("\n");
    expect(findImports("lib/x.ts", text)).to.deep.equal([
      { kind: "own", target: "lib/a.ts", typeOnly: false },
      { kind: "own", target: "b.ts", typeOnly: true },
      { kind: "package", target: "side-effect", typeOnly: false },
      { kind: "package", target: "@scope/c", typeOnly: false },
    ]);
  });

  it("finds a cycle", () => {
    const file = (path: string, target: string): SourceFile => ({
      path,
      text: "",
      imports: [{ kind: "own", target, typeOnly: false }],
    });
    expect(findCycle([file("a.ts", "b.ts"), file("b.ts", "a.ts")])).to.deep.equal(["a.ts", "b.ts", "a.ts"]);
  });
});
