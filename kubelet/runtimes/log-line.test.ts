import { expect } from "chai";
import { formatLogTime, parseLogLine, renderLogLine, selectLogLines, splitLogLines, type LogLine } from "./log-line.ts";

const time = "2026-01-02T03:04:05.000000006Z";
const line = (text: string, changes: Partial<LogLine> = {}): LogLine => ({
  time,
  stream: "stdout",
  complete: true,
  text: Buffer.from(text),
  ...changes,
});
const texts = (lines: readonly LogLine[]) => lines.map(({ text }) => text.toString());

describe("lines of a container's log", () => {
  it("are read in the CRI's format, and nothing else is", () => {
    expect(parseLogLine(Buffer.from(`${time} stderr F a  b `))).to.deep.equal(line("a  b ", { stream: "stderr" }));
    expect(parseLogLine(Buffer.from(`${time} stdout P `))).to.deep.equal(line("", { complete: false }));
    for (const broken of ["", "2026", `${time} stdout`, `${time} stdin F x`]) {
      expect(parseLogLine(Buffer.from(broken)), broken).to.equal(undefined);
    }
  });

  for (const [written, full] of [
    ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000000Z"],
    ["2026-01-02T03:04:05.12Z", "2026-01-02T03:04:05.120000000Z"],
    ["2026-01-02T03:04:05.12+02:00", "2026-01-02T03:04:05.120000000+02:00"],
    ["soon", "soon"],
  ] as const) {
    it(`have all digits of ${written}`, () => {
      expect(parseLogLine(Buffer.from(`${written} stdout F a`))?.time).to.equal(full);
    });
  }

  it("are shown with or without their time, and end only where they did", () => {
    expect(renderLogLine(line("a"), {}).toString()).to.equal("a\n");
    expect(renderLogLine(line("a", { complete: false }), {}).toString()).to.equal("a");
    expect(renderLogLine(line("a"), { timestamps: true }).toString()).to.equal(`${time} a\n`);
  });

  it("are cut out of what a program writes", () => {
    const origin = { time, stream: "stdout" } as const;
    expect(splitLogLines("a\n\nb", origin)).to.deep.equal([line("a"), line(""), line("b", { complete: false })]);
    expect(splitLogLines("", origin)).to.deep.equal([]);
  });

  const piece = (text: string) => line(text, { complete: false });
  const tails: [number, readonly LogLine[], readonly string[]][] = [
    [0, [line("a"), line("b")], []],
    [1, [line("a"), line("b")], ["b"]],
    [5, [line("a"), line("b")], ["a", "b"]],
    [1, [line("a"), piece("b"), line("c")], ["b", "c"]],
    [2, [line("a"), piece("b"), line("c")], ["a", "b", "c"]],
    [1, [line("a"), piece("b")], ["b"]],
  ];
  for (const [tailLines, lines, expected] of tails) {
    it(`end in ${tailLines} of ${JSON.stringify(texts(lines))} as ${JSON.stringify(expected)}`, () => {
      expect(texts(selectLogLines(lines, { tailLines }))).to.deep.equal(expected);
    });
  }

  it("are selected by their time", () => {
    const lines = [10, 20, 30].map((ms) => line(String(ms), { time: formatLogTime(ms) }));
    expect(texts(selectLogLines(lines, { sinceMs: 20 }))).to.deep.equal(["20", "30"]);
    expect(texts(selectLogLines(lines, { sinceMs: 15, tailLines: 1 }))).to.deep.equal(["30"]);
  });
});
