import { expect } from "chai";
import { ignoreMissingFile } from "./ignore-missing-file.ts";

const failure = (code: string) => Promise.reject<string>(Object.assign(new Error(`${code}: open 'x'`), { code }));

describe("ignoring a missing file", () => {
  it("turns its absence into undefined", async () => {
    expect(await failure("ENOENT").catch(ignoreMissingFile)).to.equal(undefined);
  });

  it("leaves every other failure one", async () => {
    const outcome = await failure("EACCES")
      .catch(ignoreMissingFile)
      .catch((error: NodeJS.ErrnoException) => error.code);
    expect(outcome).to.equal("EACCES");
  });
});
