import { expect } from "chai";
import { readExitCode } from "./streams.ts";

const failure = (message: string, causes: object[] = []) =>
  JSON.stringify({ status: "Failure", message, details: { causes } });

describe("how a command ended, as a CRI runtime tells it", () => {
  const cases: [string, number][] = [
    [JSON.stringify({ status: "Success" }), 0],
    [failure("command terminated with exit code 5", [{ reason: "ExitCode", message: "5" }]), 5],
    [failure('OCI runtime exec failed: exec: "/x": stat /x: no such file or directory: unknown'), 127],
    [failure('OCI runtime exec failed: exec: "x": executable file not found in $PATH: unknown'), 127],
    [failure('OCI runtime exec failed: exec: "/x": permission denied: unknown'), 126],
  ];
  for (const [text, code] of cases) {
    it(`is ${code} for ${text}`, () => {
      expect(readExitCode(text)).to.equal(code);
    });
  }

  it("is not known where the connection broke, or the runtime says something else", () => {
    expect(() => readExitCode("")).to.throw("broke before the command ended");
    expect(() => readExitCode(failure("task is being paused"))).to.throw("task is being paused");
    expect(() => readExitCode("gibberish"))
      .to.throw("cannot be read")
      .with.property("message")
      .includes("gibberish");
  });
});
