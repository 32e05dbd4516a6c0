// The network of a cluster's pods on one Docker Engine: a bridge with the pods' address range.

import { sleep, type Clock } from "../../lib/clock.ts";
import { DockerError, ignoring, isStatus, type DockerEngine } from "./docker-engine.ts";
import { labels } from "./docker-spec.ts";
import { RuntimeError } from "./runtime-error.ts";

export interface PodNetwork {
  readonly name: string;
  /** The addresses of the pods of this Docker Engine, such as `10.244.0.0/16`. */
  readonly subnet: string;
  /** The bridge's own name in the kernel, of 15 characters at most; Docker chooses one unless given. */
  readonly bridge?: string;
}

interface NetworkDetails {
  readonly Name: string;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] | null };
}

/** How long another node may take to make the same network: its addresses are taken before it is there to be seen. */
const ATTEMPTS = 20;
const ATTEMPT_PAUSE_MS = 100;

/** Creates the network where it is missing. Throws a RuntimeError with what to do where the addresses are taken. */
export async function ensurePodNetwork(
  engine: DockerEngine,
  { clock, ...network }: PodNetwork & { readonly cluster: string; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; !(await isThere(engine, network, signal)); attempt++) {
    try {
      await engine.call({ method: "POST", path: "/networks/create", body: buildNetwork(network), signal });
      return;
    } catch (error) {
      const mayBeInTheMaking = isStatus(error, 409) || isOverlap(error);
      if (!mayBeInTheMaking || attempt === ATTEMPTS) throw explain(network, error);
    }
    await sleep(clock, ATTEMPT_PAUSE_MS, signal);
  }
}

function buildNetwork(network: PodNetwork & { readonly cluster: string }): object {
  return {
    Name: network.name,
    CheckDuplicate: true,
    Driver: "bridge",
    IPAM: { Config: [{ Subnet: network.subnet }] },
    Options: network.bridge ? { "com.docker.network.bridge.name": network.bridge } : {},
    Labels: { [labels.cluster]: network.cluster },
  };
}

async function isThere(engine: DockerEngine, network: PodNetwork, signal: AbortSignal): Promise<boolean> {
  const path = `/networks/${encodeURIComponent(network.name)}`;
  const found = (await ignoring([404], engine.call({ method: "GET", path, signal }))) as NetworkDetails | undefined;
  if (!found) return false;
  const subnets = (found.IPAM.Config ?? []).map(({ Subnet }) => Subnet);
  if (subnets.includes(network.subnet)) return true;
  throw new RuntimeError(
    "CreatePodSandboxError",
    `the Docker network ${network.name} has the addresses ${subnets.join(", ")} instead of ${network.subnet}: ` +
      `remove it with "docker network rm ${network.name}", or give the cluster that range`,
  );
}

function explain(network: PodNetwork, error: unknown): unknown {
  if (!isOverlap(error)) return error;
  return new RuntimeError(
    "CreatePodSandboxError",
    `the pod addresses ${network.subnet} overlap with another network of Docker: choose another cluster CIDR`,
    { cause: error },
  );
}

const isOverlap = (error: unknown) => error instanceof DockerError && /overlap/i.test(error.message);
