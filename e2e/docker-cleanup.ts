// Removes the containers and the network of one cluster from Docker, found by the label that carries its id.

import { runCommand, runOrFail } from "./command.ts";

export async function removeDockerCluster(id: string): Promise<void> {
  const listed = await runOrFail(["docker", "ps", "--all", "--quiet", "--filter", `label=gantry.cluster=${id}`]);
  const containers = listed.split("\n").filter(Boolean);
  if (containers.length > 0) await runOrFail(["docker", "rm", "--force", ...containers]);
  // There is none when no pod ever ran.
  await runCommand(["docker", "network", "rm", `gantry-${id}`]);
}
