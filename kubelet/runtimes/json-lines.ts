// Reads the messages of a body that holds one JSON value per line, as they come.

import type { Readable } from "node:stream";
import { onAbort } from "./abort.ts";

/** What may wait for the end of its line. A message of Docker has a few hundred bytes. */
const LINE_BYTES_MAX = 1024 * 1024;

/** Ends with the body. Leaving the loop, or aborting, destroys the body. */
export async function* readJsonLines(body: Readable, signal: AbortSignal): AsyncGenerator<unknown> {
  const release = onAbort(signal, () => body.destroy(signal.reason as Error));
  try {
    let rest = "";
    body.setEncoding("utf8");
    for await (const chunk of body) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > LINE_BYTES_MAX) throw new Error("a message is too long");
      for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as unknown;
    }
    if (rest.trim() !== "") yield JSON.parse(rest) as unknown;
  } finally {
    release();
    body.destroy();
  }
}
