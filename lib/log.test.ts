import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { createLog, type LogLevel } from "./log.ts";

describe("the log", () => {
  const directory = mkdtempSync(join(tmpdir(), "gantry-log-"));
  after(() => rmSync(directory, { recursive: true }));

  function lines(level: LogLevel, write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
    const file = join(directory, `${level}.log`);
    const descriptor = openSync(file, "w");
    write(createLog(level, descriptor));
    closeSync(descriptor);
    const text = readFileSync(file, "utf8").trim();
    return text === "" ? [] : text.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  it("writes a line of JSON with the message and all fields", () => {
    const [line] = lines("info", (log) =>
      log.with({ controller: "deployment" }).info("synced", { key: "default/web" }),
    );
    expect(line).to.include({ msg: "synced", controller: "deployment", key: "default/web" });
  });

  it("writes an unexpected error with its stack, and an expected one without", () => {
    class Refused extends Error {}
    const [unexpected, expected] = lines("error", (log) => {
      log.error("failed", { error: new TypeError("why") });
      log.error("failed", { error: new Refused("no", { cause: new Refused("never") }) });
    });
    expect(unexpected?.["error"]).to.include({ type: "TypeError", message: "why" }).and.to.have.property("stack");
    expect(expected?.["error"]).to.deep.equal({
      type: "Refused",
      message: "no",
      cause: { type: "Refused", message: "never" },
    });
  });

  it("leaves out what is below its level", () => {
    expect(lines("warn", (log) => log.info("chatter"))).to.have.lengthOf(0);
  });
});
