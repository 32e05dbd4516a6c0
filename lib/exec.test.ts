import { expect } from "chai";
import { systemExec } from "./exec.ts";

const exec = systemExec();

describe("running programs", () => {
  it("passes arguments and input untouched and collects both outputs", async () => {
    const result = await exec.run("sh", ["-c", 'cat; echo "$1" >&2', "sh", "a b"], { input: "in" });
    expect(result).to.deep.equal({ code: 0, stdout: "in", stderr: "a b\n" });
  });

  it("resolves with the exit code of a program that fails", async () => {
    expect((await exec.run("sh", ["-c", "exit 3"])).code).to.equal(3);
  });

  it("rejects when the program does not exist", async () => {
    const error = await exec.run("no-such-program-here", []).catch((reason: unknown) => reason);
    expect(error).to.have.property("code", "ENOENT");
  });

  it("kills the program when the signal is aborted", async () => {
    const abort = new AbortController();
    const running = exec.run("sleep", ["60"], { signal: abort.signal }).catch((reason: unknown) => reason);
    abort.abort();
    expect(await running).to.have.property("name", "AbortError");
  });
});
