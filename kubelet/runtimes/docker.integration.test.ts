import { createLog } from "../../lib/log.ts";
import { systemClock } from "../../lib/clock.ts";
import { systemExec } from "../../lib/exec.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { describeRuntime } from "../../testing/runtime-conformance.ts";
import { describeBusyboxImage } from "./sample-images.ts";
import { connectToDocker, createDockerRuntime } from "./docker.ts";

const cluster = `test-${process.pid}`;
const { signal } = new AbortController();

describeWith(["docker"], "the Docker runtime", () => {
  describeRuntime("Docker", async () => {
    const open = () =>
      createDockerRuntime(
        {
          cluster,
          node: "node-1",
          network: { name: `gantry-${cluster}`, subnet: "10.213.0.0/24" },
          clock: systemClock(),
          log: createLog("warn"),
        },
        signal,
      );
    const runtime = await open();
    await runtime.images.make(await describeBusyboxImage(systemExec()), signal);
    return {
      runtime,
      reopen: open,
      image: "busybox:local",
      close: async () => {
        const engine = connectToDocker("/var/run/docker.sock");
        await engine.call({ method: "DELETE", path: `/networks/gantry-${cluster}`, signal });
      },
    };
  });
});
