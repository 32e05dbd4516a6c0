// What `kctl up`, `down` and `status` do: the one place from which kctl starts the standalone cluster, which is loaded only then;
// and so are the scheduler's rules, which `kctl why` asks.

import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { sleep } from "../lib/clock.ts";
import { textAt, type AnyObject } from "./any-object.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { parseArguments } from "./flags.ts";
import { dataDirectory } from "./kubeconfig-path.ts";
import { Session } from "./session.ts";

export interface ClusterWish {
  /** The data directory as the user gave it. */
  readonly directory: string | undefined;
  /** The flags of `kctl up` under their names in camel case. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly components: string | undefined;
  readonly sample: boolean;
  readonly verbose: boolean;
  /** The arguments with which kctl starts the same cluster in a process of its own. */
  readonly detachedArguments: readonly string[] | undefined;
}

/** Resolves when the cluster has stopped; at once when it runs detached. */
export function startCluster(session: Session, wish: ClusterWish): Promise<void> {
  const { io } = session;
  return inOneSentence(async () => {
    const { upCluster, upDetached } = await import("../standalone/cluster-commands.ts");
    const { parseComponents } = await import("../standalone/cluster-settings.ts");
    const { makeSampleImages } = await import("../standalone/sample-images.ts");
    const directory = directoryOf(io, wish.directory);
    const components = parseComponents(wish.components);
    const { detachedArguments } = wish;
    const onReady: NonNullable<Parameters<typeof upCluster>[0]["onReady"]> = async ({ settings, kubeconfig }) => {
      if (!wish.sample) return;
      const makeImages = (helloDirectory: string) =>
        makeSampleImages({ directory, settings, helloDirectory }, clusterIo(io));
      const answers = settings.proxy !== "none" && settings.runtime !== "fake";
      const isDefault = directory === dataDirectory(io) && !io.environment.KUBECONFIG;
      await applySample(session, { kubeconfig, isDefault, answers, makeImages });
    };
    if (detachedArguments) {
      const start = (output: number) => io.startKctl(detachedArguments, output);
      await onReady(await upDetached({ directory, components, start }, clusterIo(io)));
      return;
    }
    const logLevel = wish.verbose ? ("debug" as const) : undefined;
    await upCluster({ directory, flags: wish.flags, components, logLevel, onReady }, clusterIo(io));
  });
}

export function stopCluster(
  io: CommandIo,
  wish: { readonly directory?: string; readonly wipe: boolean },
): Promise<void> {
  return inOneSentence(async () => {
    const { downCluster } = await import("../standalone/cluster-commands.ts");
    await downCluster({ directory: directoryOf(io, wish.directory), wipe: wish.wipe }, clusterIo(io));
  });
}

/** Resolves with whether the cluster's API server answers. */
export function showCluster(io: CommandIo, wish: { readonly directory?: string }): Promise<boolean> {
  return inOneSentence(async () => {
    const { statusCluster } = await import("../standalone/cluster-commands.ts");
    return statusCluster({ directory: directoryOf(io, wish.directory) }, clusterIo(io));
  });
}

/** The scheduler's own answer to why a pod is pending. */
export const loadPendingPods = async () => (await import("../standalone/pending-pods.ts")).pendingPods;

const directoryOf = (io: CommandIo, flag: string | undefined): string =>
  flag ? resolve(io.workingDirectory, flag) : dataDirectory(io);

function clusterIo(io: CommandIo) {
  const { clock, random, exec, signal, environment } = io;
  const engine = environment.DOCKER_HOST ?? "";
  return {
    out: (line: string) => io.out(`${line}\n`),
    clock,
    random,
    exec,
    signal,
    dockerSocket: engine.startsWith("unix://") ? engine.slice("unix://".length) : "/var/run/docker.sock",
    claimsDirectory: join(io.homeDirectory, ".kctl/address-ranges"),
  };
}

/** What keeps a cluster from running is told in the sentence that the error holds; faults of the program keep their stack. */
async function inOneSentence<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const isFault = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
    if (isFault || !(error instanceof Error) || error instanceof CommandError || error.name === "AssertionError")
      throw error;
    throw new CommandError(error.message);
  }
}

interface SampleCluster {
  readonly kubeconfig: string;
  /** kctl finds it by itself. */
  readonly isDefault: boolean;
  /** Whether pods and virtual addresses are real enough to answer. */
  readonly answers: boolean;
  /** Makes the sample's images from the program in this folder. */
  makeImages(helloDirectory: string): Promise<void>;
}

/** As in manifests/hello.yaml: above 1023, so that the userspace proxy may listen there without root. */
const SAMPLE_PORT = 8080;

const ANSWER_MAX_MS = 180_000;
const LOOK_AGAIN_MS = 250;

/** Applies the sample application, waits until it answers on its virtual address, and says what to try. */
async function applySample({ io, globals }: Session, cluster: SampleCluster): Promise<void> {
  const { kubeconfig, answers, makeImages } = cluster;
  const manifests = await findManifests(io);
  await makeImages(join(manifests, "hello"));
  const session = new Session(io, { ...globals, kubeconfig, namespace: "default" });
  const { apply } = await import("./commands/apply.ts");
  const { flags } = parseArguments(apply.flags, ["-f", join(manifests, "hello.yaml")]);
  await apply.run({ flags, args: [], rest: undefined, session });
  const server = await session.server();
  const service = (await server.call({
    method: "GET",
    path: "/api/v1/namespaces/default/services/hello",
  })) as AnyObject;
  const address = `http://${textAt(service, "spec", "clusterIP")}:${SAMPLE_PORT}`;
  if (!answers) {
    io.out(
      `The sample's virtual address is ${address}; nothing answers there, for lack of a proxy or of real containers.\n`,
    );
  } else {
    await waitUntilAnswers(io, address);
    io.out(`The sample application answers at ${address}\n`);
  }
  io.out(renderSuggestions(address, cluster));
}

async function waitUntilAnswers(io: CommandIo, address: string): Promise<void> {
  const startMs = io.clock.monotonic();
  for (;;) {
    const problem = await io.download(address).then(
      () => undefined,
      (error: Error) => error,
    );
    if (!problem) return;
    if (io.clock.monotonic() - startMs > ANSWER_MAX_MS) {
      throw new CommandError(
        `The sample application has not answered at ${address} within ${ANSWER_MAX_MS / 1000}s. See what holds it up with: kctl describe pods -l app=hello`,
      );
    }
    await sleep(io.clock, LOOK_AGAIN_MS, io.signal);
  }
}

const renderSuggestions = (address: string, { kubeconfig, isDefault }: SampleCluster): string =>
  [
    "Three commands to try in another terminal:",
    ...(isDefault ? [] : [`  export KUBECONFIG=${kubeconfig}`]),
    `  curl ${address}`,
    "  bin/kctl scale deployment/hello --replicas=5",
    "  bin/kctl set image deployment/hello hello=gantry/hello:2.0",
    "",
  ].join("\n");

/** The folder manifests/ of the checkout: beside dist/ for the built kctl, beside ctl/ for its source. */
async function findManifests({ files }: CommandIo): Promise<string> {
  const start = dirname(fileURLToPath(import.meta.url));
  for (const above of ["..", "../.."]) {
    const folder = resolve(start, above, "manifests");
    if ((await files.kind(join(folder, "hello.yaml"))) === "file") return folder;
  }
  throw new CommandError("The sample's manifest, manifests/hello.yaml, is not there: run kctl from its checkout.");
}
