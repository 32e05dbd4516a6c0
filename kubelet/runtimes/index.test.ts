import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { systemClock } from "../../lib/clock.ts";
import { silentLog } from "../../lib/log.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { createRuntime, type RuntimeOptions } from "./index.ts";
import { isRuntimeError } from "./runtime-error.ts";

describeWith(["linux"], "choosing a container runtime", () => {
  const { signal } = new AbortController();
  let options: RuntimeOptions;

  before(async () => {
    const directory = await mkdtemp(join(tmpdir(), "gantry-runtime-"));
    options = {
      cluster: "c",
      node: "n",
      podCidr: "10.244.0.0/16",
      stateDirectory: join(directory, "node"),
      imagesDirectory: join(directory, "images"),
      dockerSocket: join(directory, "no-docker.sock"),
      clock: systemClock(),
      log: silentLog,
    };
  });
  after(() => rm(join(options.stateDirectory, ".."), { recursive: true }));

  for (const [asked, given] of [
    ["auto", "process"],
    ["process", "process"],
    ["fake", "fake"],
  ] as const) {
    it(`gives ${given} for ${asked} where Docker does not answer`, async () => {
      expect((await createRuntime(asked, options, signal)).name).to.equal(given);
    });
  }

  it("says what to do where Docker was asked for and does not answer", async () => {
    const error = await createRuntime("docker", options, signal).catch((failure: unknown) => failure);
    expect(isRuntimeError(error, "Unavailable")).to.equal(true);
    expect((error as Error).message).to.match(/no-docker\.sock.*is dockerd running\?$/);
  });
});
