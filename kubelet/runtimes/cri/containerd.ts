// containerd as a container runtime: looks at what answers on its socket, gives it what it needs to run pods (a network and
// the image of the sandboxes, where nobody has), and opens it.

import { join } from "node:path";
import { backoffDelayMs } from "../../../lib/backoff.ts";
import { sleep, type Clock } from "../../../lib/clock.ts";
import type { Exec } from "../../../lib/exec.ts";
import type { Log } from "../../../lib/log.ts";
import { withDeadline } from "../abort.ts";
import { buildPauseProgram, type PauseArchitecture } from "../pause-program.ts";
import { isRuntimeError, RuntimeError } from "../runtime-error.ts";
import { CriRuntime } from "./cri-runtime.ts";
import { isCode, type CriService } from "./cri-service.ts";
import { connectToCri } from "./grpc.ts";
import { ImageImporter } from "./image-importer.ts";
import { CriImages } from "./images.ts";
import { ensureBridge, ensureNetworkConfig, filterBridges } from "./network-config.ts";
import { normalizeReference } from "./oci-image.ts";
import type { NodeScope } from "./spec.ts";

export const DEFAULT_ENDPOINT = "unix:///run/containerd/containerd.sock";

/** Of the sandboxes where containerd is ours; made here, so that no registry is needed to start a pod. */
export const PAUSE_IMAGE = normalizeReference("gantry/pause:1");

export interface ContainerdOptions extends NodeScope {
  /** Such as `unix:///run/containerd/containerd.sock`, which it is unless given. */
  readonly endpoint?: string;
  /** The addresses of the pods of this machine, where nobody has configured its network. */
  readonly podCidr: string;
  /** Where what belongs to this node is kept; absolute. */
  readonly stateDirectory: string;
  readonly exec: Pick<Exec, "run">;
  readonly clock: Clock;
  readonly log: Log;
}

const SCHEME = "unix://";
const ANSWER_MAX_MS = 10_000;
const READY = { initialMs: 20, maxMs: 500 };
const READY_AFTER_LOOKS_MAX = 8;
/** containerd reads the configuration of the network when the folder changes. */
const NETWORK_READY = { initialMs: 20, maxMs: 1000 };
const NETWORK_READY_AFTER_LOOKS_MAX = 15;

/** The part of containerd's own configuration that it tells. */
interface ContainerdConfig {
  readonly containerd?: { readonly snapshotter?: string };
  readonly cni?: { readonly confDir?: string };
  readonly sandboxImage?: string;
}

/** Throws RuntimeError with a sentence for the user: `Unavailable` where containerd does not answer, or cannot run pods. */
export function createContainerdRuntime(options: ContainerdOptions, signal: AbortSignal): Promise<CriRuntime> {
  return withDeadline({ clock: options.clock, signal, deadlineMs: ANSWER_MAX_MS }, async (until) => {
    const { cri, images, config } = await openContainerd(options, until);
    const { runtimeName, runtimeVersion } = await cri.runtime("Version", {}, until);
    await ensureNetwork(cri, { ...options, confDir: config.cni?.confDir }, until);
    await ensurePauseImage(images, config.sandboxImage, until);
    return new CriRuntime(cri, { ...options, name: runtimeName, version: runtimeVersion, images });
  });
}

/** containerd's images alone; nothing is made on the machine. Throws likewise. */
export async function openContainerd(
  options: Pick<ContainerdOptions, "endpoint" | "stateDirectory" | "exec" | "clock">,
  signal: AbortSignal,
): Promise<{ readonly cri: CriService; readonly images: CriImages; readonly config: ContainerdConfig }> {
  const { endpoint = DEFAULT_ENDPOINT, stateDirectory } = options;
  if (!endpoint.startsWith(`${SCHEME}/`)) {
    throw new RuntimeError(
      "Unavailable",
      `the runtime's endpoint must be such as ${DEFAULT_ENDPOINT}, not ${endpoint}`,
    );
  }
  const cri = connectToCri(endpoint);
  const config = await readConfig(cri, options.clock, signal);
  const { snapshotter = "overlayfs" } = config.containerd ?? {};
  const socketPath = endpoint.slice(SCHEME.length);
  const importer = new ImageImporter(cri, { ...options, directory: stateDirectory, socketPath, snapshotter });
  return { cri, images: new CriImages(cri, importer, config.sandboxImage ?? ""), config };
}

/** containerd may have been started a moment ago. */
async function readConfig(cri: CriService, clock: Clock, signal: AbortSignal): Promise<ContainerdConfig> {
  for (let looks = 1; ; looks++) {
    try {
      const { info } = await cri.runtime("Status", { verbose: true }, signal);
      return JSON.parse(info["config"] ?? "{}") as ContainerdConfig;
    } catch (error) {
      if (isCode(error, "Unimplemented")) throw withoutCri(cri);
      if (!isRuntimeError(error, "Unavailable") || looks === READY_AFTER_LOOKS_MAX) throw error;
      await sleep(clock, backoffDelayMs(READY, looks), signal);
    }
  }
}

const withoutCri = ({ endpoint }: CriService) =>
  new RuntimeError(
    "Unavailable",
    `containerd at ${endpoint} does not run pods: take "cri" out of disabled_plugins in its config.toml`,
  );

/** A network that somebody has configured is theirs, with its addresses. */
async function ensureNetwork(
  cri: CriService,
  options: ContainerdOptions & { readonly confDir: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { confDir, cluster, podCidr, exec, clock, log } = options;
  if (confDir) {
    const network = { cluster, podCidr, addressesDirectory: join(confDir, "addresses") };
    if (await ensureNetworkConfig(confDir, network)) {
      await ensureBridge({ ...options, ...network }, signal);
      if (!(await filterBridges(exec, signal)))
        log.warn("pods of this machine do not reach each other through services: the kernel lacks br_netfilter");
    }
  }
  for (let looks = 1; ; looks++) {
    const problem = await networkProblem(cri, signal);
    if (problem === undefined) return;
    if (looks === NETWORK_READY_AFTER_LOOKS_MAX)
      throw new RuntimeError("Unavailable", `containerd at ${cri.endpoint} has no network for pods: ${problem}`);
    await sleep(clock, backoffDelayMs(NETWORK_READY, looks), signal);
  }
}

async function networkProblem(cri: CriService, signal: AbortSignal): Promise<string | undefined> {
  const { status } = await cri.runtime("Status", {}, signal);
  const condition = status?.conditions.find(({ type }) => type === "NetworkReady");
  return condition?.status ? undefined : (condition?.message ?? "it does not tell of any");
}

/** Any other image is containerd's own affair: it fetches it from its registry. */
async function ensurePauseImage(images: CriImages, wanted: string | undefined, signal: AbortSignal): Promise<void> {
  if (wanted !== PAUSE_IMAGE) return;
  const architecture = process.arch;
  if (!isSupported(architecture)) {
    throw new RuntimeError("Unavailable", `containerd runs on ${architecture}, which is not supported`);
  }
  const content = buildPauseProgram(architecture);
  const files = [{ path: "/pause", content, executable: true }];
  await images.make({ name: PAUSE_IMAGE, files, entrypoint: ["/pause"] }, signal);
}

const isSupported = (name: string): name is PauseArchitecture => name === "x64" || name === "arm64";
