import { expect } from "chai";
import { systemExec } from "./exec.ts";

const exec = systemExec();

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

/** Waits until no process has the id any more. */
async function expectGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("running programs", () => {
  it("passes arguments and input untouched and collects both outputs", async () => {
    const result = await exec.run("sh", ["-c", 'cat; echo "$1" >&2', "sh", "a b"], { input: "in" });
    expect(result).to.include({ code: 0, stdout: "in", stderr: "a b\n" });
  });

  it("resolves with the exit code of a program that fails", async () => {
    expect((await exec.run("sh", ["-c", "exit 3"])).code).to.equal(3);
  });

  it("rejects when the program does not exist", async () => {
    const error = await exec.run("no-such-program-here", []).catch((reason: unknown) => reason);
    expect(error).to.have.property("code", "ENOENT");
  });

  it("gives the lines of a running program as they come, and kills it at the end", async () => {
    const abort = new AbortController();
    const seen: string[] = [];
    for await (const line of exec.lines("sh", ["-c", "echo $$; echo two; sleep 60"], abort.signal)) {
      seen.push(line);
      if (line === "two") abort.abort();
    }
    expect(seen[1]).to.equal("two");
    await expectGone(Number(seen[0]));
  });

  it("says so when a program whose lines are wanted cannot be started", async () => {
    const lines = exec.lines("no-such-program-here", [], new AbortController().signal);
    const error = await collect(lines).catch((reason: unknown) => reason);
    expect(error).to.have.property("code", "ENOENT");
  });

  it("kills the program when the signal is aborted", async () => {
    const abort = new AbortController();
    const running = exec.run("sleep", ["60"], { signal: abort.signal }).catch((reason: unknown) => reason);
    abort.abort();
    expect(await running).to.have.property("name", "AbortError");
  });
});
