import { expect } from "chai";
import { buildPauseProgram } from "./pause-program.ts";

describe("the program of sandboxes", () => {
  for (const [architecture, elfMachine] of [
    ["x64", 62],
    ["arm64", 183],
  ] as const) {
    it(`is an executable for ${architecture} that loads all of itself and starts at its code`, () => {
      const program = buildPauseProgram(architecture);
      expect(program.toString("latin1", 0, 4)).to.equal("\x7fELF");
      expect(program.readUInt16LE(18)).to.equal(elfMachine);
      expect(Number(program.readBigUInt64LE(24))).to.equal(0x400000 + 120);
      expect(Number(program.readBigUInt64LE(64 + 32))).to.equal(program.length);
      expect(program.length).to.be.below(256);
    });
  }
});
