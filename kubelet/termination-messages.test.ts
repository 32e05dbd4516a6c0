import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { container, podOf, running, runtimeOf } from "../testing/pod-states.ts";
import { diskFiles } from "./node-files.ts";
import type { ContainerRuntime } from "./runtimes/runtime.ts";
import { TerminationMessages } from "./termination-messages.ts";

const { signal } = new AbortController();
const PATH = { terminationMessagePath: "/dev/termination-log" };

describe("the last words of a container", () => {
  let rootDirectory: string;
  let log: readonly string[];
  let messages: TerminationMessages;

  beforeEach(() => {
    rootDirectory = mkdtempSync(join(tmpdir(), "gantry-words-"));
    const logs = async function* () {
      for (const chunk of log) yield await Promise.resolve(Buffer.from(chunk));
    };
    const runtime = { logs } as unknown as ContainerRuntime;
    messages = new TerminationMessages({ rootDirectory, runtime, files: diskFiles }, signal);
  });
  afterEach(() => rmSync(rootDirectory, { recursive: true, force: true }));

  const ended = running("main", { state: "exited", exitCode: 1 });
  const load = async (pod = podOf({ containers: [container("main", PATH)] })) => {
    await new Promise<void>((resolve) => void (messages.load(pod, runtimeOf([ended]), resolve) || resolve()));
    return messages.of("u1").get(ended.id);
  };
  const file = () => messages.createFile("u1", container("main", PATH), 0) ?? "";

  it("are written by any user, into a file that keeps what was in it", () => {
    const path = file();
    writeFileSync(path, "said");
    expect(file()).to.equal(path);
    expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).to.deep.equal(["said", 0o666]);
  });

  it("are the end of what was written", async () => {
    writeFileSync(file(), `${"x".repeat(5000)}the end`);
    expect(await load()).to.equal(`${"x".repeat(4089)}the end`);
  });

  it("have to share the room that there is for a pod", async () => {
    writeFileSync(file(), `begin${"x".repeat(4091)}`);
    const containers = ["main", "a", "b", "c", "d", "e"].map((name) => container(name, PATH));
    expect(await load(podOf({ containers }))).to.equal(`begin${"x".repeat(2043)}`);
  });

  it("are the end of the log, of which no more is kept, where nothing was written", async () => {
    log = [...Array.from({ length: 50 }, () => "x".repeat(1000)), "the end"];
    const own = container("main", { ...PATH, terminationMessagePolicy: "FallbackToLogsOnError" });
    expect(await load(podOf({ containers: [own] }))).to.equal(`${"x".repeat(2041)}the end`);
  });

  for (const [title, replace] of [
    ["a link to a file of the node", (path: string) => symlinkSync("/etc/passwd", path)],
    ["a link to what never ends", (path: string) => symlinkSync("/dev/zero", path)],
    ["a pipe that nobody writes to", (path: string) => execFileSync("mkfifo", [path])],
    ["a directory", (path: string) => mkdirSync(path)],
  ] as const) {
    it(`are not looked for in ${title}`, async () => {
      const path = join(rootDirectory, "pods/u1/containers/main/termination-0");
      mkdirSync(dirname(path), { recursive: true });
      replace(path);
      expect(await load()).to.equal("");
    });
  }
});
