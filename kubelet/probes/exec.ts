// The exec probe: a command in the container that ends with 0.

import { failed, passed, type Probe } from "./probe.ts";

const OUTPUT_BYTES_MAX = 10 * 1024;

export const execProbe: Probe = {
  field: "exec",
  async run({ exec }, { containerId, runtime }, signal) {
    const command = exec?.command ?? [];
    const output: Uint8Array[] = [];
    let size = 0;
    const keep = (chunk: Uint8Array) => {
      if (size < OUTPUT_BYTES_MAX) output.push(chunk);
      size += chunk.length;
      return Promise.resolve();
    };
    try {
      const code = await runtime.exec(containerId, command, { signal, stdout: keep, stderr: keep });
      return code === 0 ? passed : failed(Buffer.concat(output).subarray(0, OUTPUT_BYTES_MAX).toString());
    } catch (error) {
      if (!signal.aborted) throw error;
      return failed(`command timed out: ${JSON.stringify(command.join(" "))}`);
    }
  },
};
