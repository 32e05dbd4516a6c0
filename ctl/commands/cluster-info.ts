// kctl cluster-info: where the control plane answers.

import { defineCommand } from "../command.ts";
import { readText } from "../read-text.ts";

export const clusterInfo = defineCommand({
  usage: "cluster-info",
  flags: {},
  async run({ session }) {
    const server = await session.server();
    // Asked, so that the address is not only what the kubeconfig says.
    await readText(await server.send({ method: "GET", path: "/version" }));
    session.io.out(
      `Kubernetes control plane is running at ${server.url}\n\nTo further debug and diagnose cluster problems, use 'kctl get events -A' and 'kctl describe nodes'.\n`,
    );
  },
});
