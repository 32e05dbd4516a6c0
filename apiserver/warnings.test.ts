import { expect } from "chai";
import { renderWarnings } from "./warnings.ts";

describe("warnings", () => {
  const cases: [title: string, warnings: readonly string[], header: string | undefined][] = [
    ["are none where there is nothing to say", ["", ""], undefined],
    ["are told once, in order", ["b", "a", "b"], '299 - "b", 299 - "a"'],
    ["are quoted", ['unknown field "a\\b"'], '299 - "unknown field \\"a\\\\b\\""'],
    ["are dropped where they hold what no header can", ["a\r\nx: y", "\u0000", "fine"], '299 - "fine"'],
    ["are UTF-8", ["é"], '299 - "Ã©"'],
  ];
  for (const [title, warnings, header] of cases) {
    it(title, () => {
      expect(renderWarnings(warnings)).to.equal(header);
    });
  }

  it("are whole as long as all together are short enough", () => {
    expect(renderWarnings(["x".repeat(4096)])).to.have.length(4096 + '299 - ""'.length);
  });

  it("are cut one by one beyond that, and then dropped", () => {
    const texts = Array.from({ length: 40 }, (_, index) => `${index} ${"x".repeat(500)}`);
    const lines = (renderWarnings(texts) ?? "").split(", ");
    expect(lines).to.have.length(4096 / 256);
    for (const line of lines) expect(line).to.have.length(256 + '299 - ""'.length);
  });
});
