// POST /run: a program's whole output at once, for those who have no use for streams.

import { StatusError } from "../../api/meta/status.ts";
import type { ProcessStreams } from "../runtimes/runtime.ts";

/** More than that is for exec. */
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** Resolves with what the program wrote, errors included. Rejects with a StatusError when it failed, or wrote too much. */
export async function runToEnd(
  signal: AbortSignal,
  program: (streams: ProcessStreams) => Promise<number>,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  const tooMuch = new AbortController();
  let length = 0;
  const write = (chunk: Uint8Array): Promise<void> => {
    length += chunk.length;
    if (length > OUTPUT_BYTES_MAX) {
      tooMuch.abort(new StatusError("InternalError", `the output exceeds ${OUTPUT_BYTES_MAX} bytes; use exec`));
    } else chunks.push(chunk);
    return Promise.resolve();
  };
  const streams = { signal: AbortSignal.any([signal, tooMuch.signal]), stdout: write, stderr: write };
  const code = await program(streams);
  tooMuch.signal.throwIfAborted();
  const output = Buffer.concat(chunks).toString();
  if (code === 0) return output;
  throw new StatusError("InternalError", `command terminated with exit code ${code}: ${output}`);
}
