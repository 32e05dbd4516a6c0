// One line of a container's log as it is kept in files, in the CRI's format: `<time> <stream> <F|P> <text>`, where P marks a
// piece of a line that goes on in the next entry. Also which lines a reader asked for. Pure.

import type { LogOptions } from "./runtime.ts";

export interface LogLine {
  /** RFC 3339 with nanoseconds, UTC. */
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** The line ends here; otherwise it goes on in the next entry of the same stream. */
  readonly complete: boolean;
  readonly text: Buffer;
}

const FULL_TIME_LENGTH = "2026-01-02T03:04:05.000000006Z".length;
const NEWLINE = Buffer.from("\n");

/** RFC 3339 with nanoseconds, as far as milliseconds tell them. */
export function formatLogTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000000Z`;
}

/** The entries for a piece of output. */
export function splitLogLines(text: string, origin: Pick<LogLine, "time" | "stream">): LogLine[] {
  const pieces = text.split("\n");
  const rest = pieces.pop() ?? "";
  const lines = pieces.map((piece) => ({ ...origin, complete: true, text: Buffer.from(piece) }));
  return rest === "" ? lines : [...lines, { ...origin, complete: false, text: Buffer.from(rest) }];
}

/** Undefined where the bytes are no entry, such as one that was cut off by a full disk. */
export function parseLogLine(entry: Buffer): LogLine | undefined {
  const time = entry.indexOf(" ");
  const stream = entry.indexOf(" ", time + 1);
  const tag = entry.indexOf(" ", stream + 1);
  if (time < 0 || stream < 0 || tag < 0) return undefined;
  const name = entry.toString("latin1", time + 1, stream);
  if (name !== "stdout" && name !== "stderr") return undefined;
  return {
    time: fillNanoseconds(entry.toString("latin1", 0, time)),
    stream: name,
    complete: entry.toString("latin1", stream + 1, tag) !== "P",
    text: entry.subarray(tag + 1),
  };
}

/** Whoever writes the log may leave out the zeros at the end. */
function fillNanoseconds(time: string): string {
  if (time.length === FULL_TIME_LENGTH && time.endsWith("Z")) return time;
  const [, seconds = time, fraction = "", zone = ""] = /^([^.Z+]*)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(time) ?? [];
  return zone === "" ? time : `${seconds}.${fraction.padEnd(9, "0")}${zone}`;
}

/** What a reader of the log gets to see of the line. */
export function renderLogLine(line: LogLine, options: Pick<LogOptions, "timestamps">): Buffer {
  const parts = options.timestamps ? [Buffer.from(`${line.time} `), line.text] : [line.text];
  return Buffer.concat(line.complete ? [...parts, NEWLINE] : parts);
}

/** The lines at or after `sinceMs`, and of those the last `tailLines`; a line in pieces counts once. */
export function selectLogLines(
  lines: readonly LogLine[],
  options: Pick<LogOptions, "sinceMs" | "tailLines">,
): readonly LogLine[] {
  const { sinceMs, tailLines } = options;
  const recent = sinceMs === undefined ? lines : lines.filter((line) => Date.parse(line.time) >= sinceMs);
  return tailLines === undefined ? recent : recent.slice(findTail(recent, tailLines));
}

function findTail(lines: readonly LogLine[], tailLines: number): number {
  let missing = tailLines;
  for (let index = lines.length - 1; index >= 0; index--) {
    // The entry before a complete one, and the very last one, end a line.
    const endsLine = index === lines.length - 1 || lines[index]?.complete === true;
    if (endsLine && missing-- === 0) return index + 1;
  }
  return 0;
}
