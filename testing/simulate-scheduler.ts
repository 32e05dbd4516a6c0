// `npm run simulate:scheduler -- DUMP [--seed N]`: where the scheduler would put the pods of a dump that have no node, found out by the
// production code. The dump is what `kctl get nodes,pods,namespaces -A -o json` prints; `-` reads it from the input.

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { errorMessage } from "../lib/error-message.ts";
import { parseDump, replayScheduling } from "./simulation/replay-scheduling.ts";

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { seed: { type: "string", default: "1" } },
    allowPositionals: true,
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new Error("give one file with a dump, or - for the input");
  if (!/^\d{1,9}$/.test(values.seed)) throw new Error("--seed takes a whole number");
  const dump = parseDump(await readFile(file === "-" ? "/dev/stdin" : file, "utf8"));
  for (const { pod, node, reason } of await replayScheduling(dump, Number(values.seed))) {
    console.log(`${pod}\t${node ?? `(none): ${reason}`}`);
  }
}

main().catch((error: unknown) => {
  console.error(`simulate:scheduler: ${errorMessage(error)}`);
  process.exitCode = 1;
});
