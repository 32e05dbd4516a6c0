// Runs kctl inside a test: the real command line against an API server in process, over files in memory, on a fake clock. What it
// prints and its exit code come back as values.

import { Readable } from "node:stream";
import { renderKubeconfig } from "../client/kubeconfig.ts";
import type { CommandFiles, CommandIo } from "../ctl/command-io.ts";
import { runKctl } from "../ctl/run-kctl.ts";
import type { Clock } from "../lib/clock.ts";
import type { Exec } from "../lib/exec.ts";
import type { Handler } from "../lib/http.ts";
import { seededRandom } from "../lib/random.ts";

export interface KctlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KctlParts {
  /** The API server. */
  readonly transport: Handler;
  readonly clock: Clock;
}

export interface KctlOptions {
  readonly stdin?: string;
  /** Files by absolute path; `/work` is the working directory. Kept between runs of one Kctl. */
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Programs in the foreground: an editor, diff. */
  runInForeground?(command: string, args: readonly string[]): Promise<number>;
}

const KUBECONFIG = renderKubeconfig({
  clusters: [{ name: "test", cluster: { server: "https://test:6443" } }],
  users: [{ name: "admin", user: {} }],
  contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
  "current-context": "test",
});

export class Kctl {
  readonly files = new MemoryFiles({ "/home/.kctl/kubeconfig": KUBECONFIG });
  readonly #parts: KctlParts;

  constructor(parts: KctlParts) {
    this.#parts = parts;
  }

  /** `run("get", "pods")`. A last argument that is no text gives options. */
  async run(...words: readonly (KctlOptions | string)[]): Promise<KctlResult> {
    const last = words.at(-1);
    const options = typeof last === "object" ? last : {};
    const argv = words.filter((word): word is string => typeof word === "string");
    for (const [path, text] of Object.entries(options.files ?? {})) await this.files.write(path, text);
    const printed = { out: "", err: "" };
    const code = await runKctl(argv, this.#io(options, printed));
    return { code, stdout: printed.out, stderr: printed.err };
  }

  /** The standard output of a run that has to succeed. */
  async out(...words: readonly (KctlOptions | string)[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...words);
    if (code !== 0) throw new Error(`kctl ${JSON.stringify(words)} exited with ${code}: ${stdout}${stderr}`);
    return stdout;
  }

  #io(options: KctlOptions, printed: { out: string; err: string }): CommandIo {
    return {
      out: (text) => void (printed.out += Buffer.from(text).toString()),
      err: (text) => void (printed.err += Buffer.from(text).toString()),
      stdin: Readable.from([Buffer.from(options.stdin ?? "")]),
      terminal: undefined,
      outIsTerminal: false,
      environment: options.environment ?? {},
      workingDirectory: "/work",
      homeDirectory: "/home",
      files: this.files,
      clock: this.#parts.clock,
      random: seededRandom(1),
      exec: noPrograms,
      connect: () => this.#parts.transport,
      download: (url) => Promise.reject(new Error(`the test has no ${url}`)),
      runInForeground: (command, args) =>
        options.runInForeground?.(command, args) ?? Promise.reject(new Error(`the test has no program ${command}`)),
      listen: () => Promise.reject(new Error("the test has no sockets")),
      startKctl: () => {
        throw new Error("the test starts no processes");
      },
      signal: options.signal ?? new AbortController().signal,
    };
  }
}

const noPrograms: Exec = {
  run: (command) => Promise.reject(new Error(`the test has no program ${command}`)),
  lines: (command) => {
    throw new Error(`the test has no program ${command}`);
  },
};

export class MemoryFiles implements CommandFiles {
  readonly #texts: Map<string, string>;

  constructor(texts: Readonly<Record<string, string>> = {}) {
    this.#texts = new Map(Object.entries(texts));
  }

  read(path: string): Promise<string> {
    const text = this.#texts.get(path);
    if (text !== undefined) return Promise.resolve(text);
    const error = new Error(`ENOENT: no such file or directory, open '${path}'`);
    return Promise.reject(Object.assign(error, { code: "ENOENT" }));
  }

  async readBytes(path: string): Promise<Uint8Array> {
    return Buffer.from(await this.read(path));
  }

  write(path: string, text: string): Promise<void> {
    this.#texts.set(path, text);
    return Promise.resolve();
  }

  kind(path: string): Promise<"file" | "directory" | undefined> {
    if (this.#texts.has(path)) return Promise.resolve("file");
    const isFolder = [...this.#texts.keys()].some((each) => each.startsWith(`${path}/`));
    return Promise.resolve(isFolder ? "directory" : undefined);
  }

  list(path: string): Promise<readonly string[]> {
    const below = [...this.#texts.keys()].filter((each) => each.startsWith(`${path}/`));
    const names = below.map((each) => each.slice(path.length + 1).split("/")[0] ?? "");
    return Promise.resolve([...new Set(names)].sort());
  }

  remove(path: string): Promise<void> {
    for (const each of this.#texts.keys()) if (each === path || each.startsWith(`${path}/`)) this.#texts.delete(each);
    return Promise.resolve();
  }
}
