import { expect } from "chai";
import { sleep, systemClock } from "../../lib/clock.ts";
import { systemExec } from "../../lib/exec.ts";
import { silentLog } from "../../lib/log.ts";
import { describeWith, findProgram } from "../../testing/machine-parts.ts";
import { PrivateDocker } from "../../testing/private-docker.ts";
import type { DockerRuntime } from "./docker-runtime.ts";
import { createDockerRuntime } from "./docker.ts";
import { isRuntimeError } from "./runtime-error.ts";
import type { ContainerSpec, RuntimeChange, RuntimePod } from "./runtime.ts";
import { describeBusyboxImage } from "./sample-images.ts";

const clock = systemClock();
const { signal } = new AbortController();

/** Tries again until it succeeds; the suite's own time limit ends it. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await sleep(clock, 100);
    }
  }
}

describeWith(["docker", "root", "linux"], "faults of Docker", function () {
  const spec: ContainerSpec = {
    name: "main",
    attempt: 0,
    image: "busybox:local",
    command: ["sleep", "999"],
    env: [],
    mounts: [],
  };
  const pod = { namespace: "default", name: "web", uid: "uid-web" };
  let docker: PrivateDocker;
  let runtime: DockerRuntime;
  let sandboxId: string;
  let containerId: string;

  before(async () => {
    expect(findProgram("dockerd")).not.to.equal(undefined);
    docker = await PrivateDocker.prepare({ liveRestore: true });
    await docker.start();
    const network = { name: "pods", subnet: "10.212.1.0/24" };
    const { socketPath } = docker;
    const options = { cluster: "faults", node: "n", network, clock, log: silentLog, socketPath };
    runtime = await createDockerRuntime(options, signal);
    await runtime.images.make(await describeBusyboxImage(systemExec()), signal);
    sandboxId = (await runtime.createSandbox({ pod, attempt: 0, hostname: "web" }, signal)).id;
    containerId = (await runtime.startContainer(sandboxId, spec, signal)).id;
  });
  after(async () => {
    docker.resume();
    await runtime.removeSandbox(sandboxId, signal);
    await docker.remove();
  });

  const main = (pods: readonly RuntimePod[]) => pods[0]?.containers.find(({ id }) => id === containerId);
  const reasonOf = (call: Promise<unknown>) =>
    call.then(
      () => "none",
      (error: Error) => error.name,
    );

  it("let calls be aborted while it hangs, and are over when it goes on", async () => {
    docker.halt();
    const aborting = new AbortController();
    const calls = [
      runtime.list(aborting.signal),
      runtime.createSandbox({ pod, attempt: 1, hostname: "web" }, aborting.signal),
      runtime.startContainer(sandboxId, { ...spec, name: "other" }, aborting.signal),
      runtime.stopContainer(containerId, 30, aborting.signal),
      runtime.exec(containerId, ["true"], { signal: aborting.signal }),
      runtime.images.get("busybox:local", aborting.signal),
    ].map(reasonOf);
    aborting.abort();
    expect(new Set(await Promise.all(calls))).to.deep.equal(new Set(["AbortError"]));
    docker.resume();
    const pods = await eventually(() => runtime.list(signal));
    expect(pods.map(({ pod: { uid } }) => uid)).to.deep.equal(["uid-web"]);
    const extra = pods[0]?.sandboxes.filter(({ id }) => id !== sandboxId) ?? [];
    for (const { id } of extra) await runtime.removeSandbox(id, signal);
  });

  it("are told as the runtime being unavailable while it is down, and after its restart all is found again", async () => {
    await runtime.removeContainer(containerId, signal);
    containerId = (await runtime.startContainer(sandboxId, { ...spec, attempt: 1 }, signal)).id;
    const watching = new AbortController();
    const changes: RuntimeChange[] = [];
    const following = (async () => {
      for await (const change of runtime.watch(watching.signal)) changes.push(change);
    })();
    await eventually(() => (changes.length > 0 ? Promise.resolve() : Promise.reject(new Error("not yet"))));

    await docker.stop();
    const error = await runtime.list(signal).catch((failure: unknown) => failure);
    expect(isRuntimeError(error, "Unavailable")).to.equal(true);

    const seen = changes.length;
    await docker.start();
    await eventually(() => (changes.length > seen ? Promise.resolve() : Promise.reject(new Error("not yet"))));
    expect(changes[seen]?.podUid, "everything is to be looked at again").to.equal(undefined);
    expect(main(await runtime.list(signal))).to.include({ state: "running", attempt: 1 });

    await runtime.stopContainer(containerId, 0, signal);
    await eventually(async () => {
      expect(main(await runtime.list(signal))).to.include({ state: "exited" });
      expect(changes.slice(seen).map(({ podUid }) => podUid)).to.include("uid-web");
    });
    watching.abort();
    await following;
  });
});
