import { systemExec } from "../../../lib/exec.ts";
import { ContainerdServer } from "../../../testing/containerd-server.ts";
import { describeWith } from "../../../testing/machine-parts.ts";
import { describeRuntime } from "../../../testing/runtime-conformance.ts";
import { describeBusyboxImage } from "../sample-images.ts";

const { signal } = new AbortController();

describeWith(["containerd"], "pods in containerd", () => {
  describeRuntime("containerd", async () => {
    const server = await ContainerdServer.start("10.214.0.0/24");
    const runtime = await server.open();
    await runtime.images.make(await describeBusyboxImage(systemExec()), signal);
    return { runtime, reopen: () => server.open(), image: "busybox:local", close: () => server.remove() };
  });
});
