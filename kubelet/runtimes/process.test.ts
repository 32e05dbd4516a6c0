import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../lib/clock.ts";
import { describeRuntime } from "../../testing/runtime-conformance.ts";
import { createProcessRuntime } from "./process.ts";

describeRuntime("processes", async () => {
  const directory = await mkdtemp(join(tmpdir(), "gantry-process-"));
  const open = () =>
    createProcessRuntime({
      stateDirectory: join(directory, "node"),
      imagesDirectory: join(directory, "images"),
      clock: systemClock(),
    });
  return {
    runtime: await open(),
    reopen: open,
    image: "host",
    close: () => rm(directory, { recursive: true }),
  };
});
