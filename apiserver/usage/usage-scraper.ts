// Asks the kubelets what their nodes and pods use, for metrics.k8s.io: every 15 seconds, but only while somebody wants to know
// it. Nothing is stored. What a node says counts for itself and its own pods only.

import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { PodMetrics } from "../../api/metrics/pod-metrics.ts";
import type { NodeMetrics } from "../../api/metrics/node-metrics.ts";
import { pause, type Clock } from "../../lib/clock.ts";
import { emptyRequestBody, type Handler, type HttpResponse } from "../../lib/http.ts";
import type { Log } from "../../lib/log.ts";
import { buildNodeUsage, buildPodUsage, type ReadingPair } from "./build-usage.ts";
import { parseUsage, type UsageReading } from "./parse-usage.ts";

export interface UsageScraperOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** How to reach the kubelet of a node; throws for one that cannot be reached. */
  nodeHandler(node: Node): Handler;
}

/** What the cluster has now. */
export interface UsageSubjects {
  nodes(): readonly Node[];
  pods(): readonly Pod[];
}

interface Running {
  readonly subjects: UsageSubjects;
  readonly signal: AbortSignal;
}

interface Built {
  readonly nodes: readonly NodeMetrics[];
  readonly pods: readonly PodMetrics[];
}

const INTERVAL_MS = 15_000;
/** Who asks first would get nothing: two readings make a rate. */
const FIRST_INTERVAL_MS = 2_000;
/** After so long without a question nobody is asked any more, and all is forgotten. */
const INTEREST_MS = 5 * 60_000;
const ANSWER_MAX_MS = 10_000;
const ANSWER_BYTES_MAX = 16 * 2 ** 20;
const NODES_AT_ONCE = 50;

export class UsageScraper {
  readonly #options: UsageScraperOptions;
  #running: Running | undefined;
  #lastAskedMs = 0;
  /** Set while the kubelets are being asked; resolves when there is something to tell. */
  #begun: Promise<void> | undefined;
  /** By the node's name; as many as there are nodes. */
  #readings: ReadonlyMap<string, ReadingPair> = new Map();
  /** Made from the readings when somebody asks. */
  #built: Built | undefined;

  constructor(options: UsageScraperOptions) {
    this.#options = options;
  }

  /** From now on questions are answered, until the signal is aborted. */
  start(subjects: UsageSubjects, signal: AbortSignal): void {
    this.#running = { subjects, signal };
  }

  async nodes(): Promise<readonly NodeMetrics[]> {
    return (await this.#answer()).nodes;
  }

  async pods(): Promise<readonly PodMetrics[]> {
    return (await this.#answer()).pods;
  }

  async #answer(): Promise<Built> {
    const running = this.#running;
    if (!running || running.signal.aborted) return { nodes: [], pods: [] };
    this.#lastAskedMs = this.#options.clock.monotonic();
    await (this.#begun ??= this.#begin(running));
    return (this.#built ??= this.#build(running.subjects));
  }

  /** Resolves after the first two readings, or one that gave nothing; goes on as long as somebody asks. */
  async #begin(running: Running): Promise<void> {
    const { clock } = this.#options;
    await this.#scrape(running);
    if (this.#readings.size > 0) {
      await pause(clock, FIRST_INTERVAL_MS, running.signal);
      await this.#scrape(running);
    }
    void this.#goOn(running);
  }

  async #goOn(running: Running): Promise<void> {
    const { clock } = this.#options;
    const isWanted = () => !running.signal.aborted && clock.monotonic() - this.#lastAskedMs < INTEREST_MS;
    for (let nextMs = clock.monotonic() + INTERVAL_MS; isWanted(); nextMs += INTERVAL_MS) {
      nextMs = Math.max(nextMs, clock.monotonic());
      await pause(clock, nextMs - clock.monotonic(), running.signal);
      if (isWanted()) await this.#scrape(running);
    }
    this.#begun = undefined;
    this.#readings = new Map();
    this.#built = undefined;
  }

  /** Never rejects: a node that does not answer is missing until it does. */
  async #scrape({ subjects, signal }: Running): Promise<void> {
    const waiting = subjects.nodes()[Symbol.iterator]();
    const readings = new Map<string, ReadingPair>();
    const work = async () => {
      for (const node of waiting) {
        const { name } = node.metadata;
        const now = await this.#read(node, signal);
        if (now) readings.set(name, { before: this.#readings.get(name)?.now, now });
      }
    };
    await Promise.all(Array.from({ length: NODES_AT_ONCE }, work));
    this.#readings = readings;
    this.#built = undefined;
  }

  async #read(node: Node, signal: AbortSignal): Promise<UsageReading | undefined> {
    const { clock, log } = this.#options;
    const late = new AbortController();
    const cancel = clock.setTimer(ANSWER_MAX_MS, () => late.abort(new Error("the kubelet does not answer in time")));
    try {
      const response = await this.#options.nodeHandler(node)({
        method: "GET",
        path: "/metrics/resource",
        query: new URLSearchParams(),
        headers: {},
        body: emptyRequestBody,
        peer: { address: "in-process" },
        signal: AbortSignal.any([signal, late.signal]),
      });
      if (response.status !== 200) throw new Error(`the kubelet answered with status ${response.status}`);
      return parseUsage(await readText(response), clock.now());
    } catch (error) {
      if (!signal.aborted) log.debug("A kubelet does not tell what its node uses", { node: node.metadata.name, error });
      return undefined;
    } finally {
      cancel();
    }
  }

  #build({ nodes, pods }: UsageSubjects): Built {
    const readings = this.#readings;
    return {
      nodes: nodes().flatMap((node) => {
        const pair = readings.get(node.metadata.name);
        return (pair && buildNodeUsage(node, pair)) ?? [];
      }),
      pods: pods().flatMap((pod) => {
        const pair = readings.get(pod.spec.nodeName ?? "");
        return (pair && buildPodUsage(pod, pair)) ?? [];
      }),
    };
  }
}

async function readText({ body }: HttpResponse): Promise<string> {
  if (body.kind === "bytes") return Buffer.from(body.bytes).toString();
  if (body.kind !== "stream") throw new Error("the kubelet answered with no text");
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body.chunks) {
    length += chunk.length;
    if (length > ANSWER_BYTES_MAX) throw new Error(`the kubelet's answer is larger than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
