import { EventEmitter } from "node:events";
import { expect } from "chai";
import { runProgram, type ProgramProcess } from "./run-program.ts";

class MemoryProcess extends EventEmitter implements ProgramProcess {
  exitCode?: number;
  written = "";
  readonly stderr = { write: (text: string) => (this.written += text) };
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));

describe("a program", () => {
  for (const name of ["SIGINT", "SIGTERM"]) {
    it(`ends in order at ${name}`, async () => {
      const host = new MemoryProcess();
      const running = runProgram("kubelet", untilAborted, host);
      host.emit(name);
      await running;
      expect(host.exitCode).to.equal(undefined);
      expect(host.written).to.equal("");
    });
  }

  it("says in one sentence why it has failed, and exits with code 1", async () => {
    const host = new MemoryProcess();
    await runProgram("kubelet", () => Promise.reject(new Error("The port 10250 is in use.")), host);
    expect(host.written).to.equal("kubelet: The port 10250 is in use.\n");
    expect(host.exitCode).to.equal(1);
  });

  it("treats a failure before the first wait like any other", async () => {
    const host = new MemoryProcess();
    const run = () => {
      throw new Error("--kubeconfig is missing");
    };
    await runProgram("proxy", run, host);
    expect(host.written).to.equal("proxy: --kubeconfig is missing\n");
    expect(host.exitCode).to.equal(1);
  });
});
