// An extender: a server that has a say in where pods go, spoken to as kube-scheduler does (k8s.io/kube-scheduler/extender/v1).
// It is asked with JSON by POST, one path for each verb.

import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import { withDeadline } from "../../client/deadline.ts";
import { readAnswer } from "../../client/response-body.ts";
import type { Clock } from "../../lib/clock.ts";
import { parseDurationMs } from "../../lib/duration.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { objectRequestBody, type Handler, type Peer } from "../../lib/http.ts";
import type { ExtenderConfiguration } from "../configuration/scheduler-configuration.ts";

export interface ExtenderParts {
  readonly configuration: ExtenderConfiguration;
  /** Sends requests to the extender; their paths begin after its `urlPrefix`. */
  readonly transport: Handler;
  readonly clock: Clock;
}

export interface Filtered {
  readonly feasible: ReadonlySet<string>;
  /** Why each of the other nodes will not do. */
  readonly failed: ReadonlyMap<string, string>;
}

/** The pods that would be pushed out of a node. */
export interface NodeVictims {
  readonly pods: readonly Pod[];
  /** How many of them a budget protects. */
  readonly violations: number;
}

export interface PodBinding {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
  readonly node: string;
}

/** kube-scheduler's. */
const TIMEOUT_MS = 5_000;
/** Extenders score from 0 to 10, the scheduler from 0 to 100. */
const SCORE_SCALE = 10;

/** A request on its way out has nobody at the other end yet. */
const NOBODY: Peer = { address: "" };

export class Extender {
  readonly #parts: ExtenderParts;

  constructor(parts: ExtenderParts) {
    this.#parts = parts;
  }

  /** For people. */
  get name(): string {
    return this.#parts.configuration.urlPrefix;
  }

  /** Pods are scheduled without it when it does not answer. */
  get isIgnorable(): boolean {
    return this.#parts.configuration.ignorable ?? false;
  }

  get binds(): boolean {
    return Boolean(this.#parts.configuration.bindVerb);
  }

  get preempts(): boolean {
    return Boolean(this.#parts.configuration.preemptVerb);
  }

  /** Whether the pod asks for something that it looks after; it looks after all pods if nothing else is said. */
  isInterestedIn({ spec }: Pick<Pod, "spec">): boolean {
    const { managedResources } = this.#parts.configuration;
    if (managedResources.length === 0) return true;
    const names = new Set(managedResources.map(({ name }) => name));
    return [...spec.containers, ...(spec.initContainers ?? [])].some(({ resources }) =>
      Object.keys({ ...resources?.requests, ...resources?.limits }).some((name) => names.has(name)),
    );
  }

  async filter(pod: Pod, nodes: readonly Node[], signal: AbortSignal): Promise<Filtered> {
    const { filterVerb } = this.#parts.configuration;
    if (!filterVerb) return { feasible: new Set(namesOf(nodes)), failed: new Map() };
    const answer = readFields(await this.#ask(filterVerb, this.#nodeArgs(pod, nodes), signal));
    if (answer.error) throw new Error(textOf(answer.error));
    const listed: unknown = readFields(answer.nodes).items;
    const names = answer.nodenames ?? (Array.isArray(listed) ? listed.map(nameOf) : []);
    if (!isListOfTexts(names)) throw new Error(`extender ${this.name} answers with nodes that are no list of names`);
    const failed = { ...readMap(answer.failednodes), ...readMap(answer.failedandunresolvablenodes) };
    return { feasible: new Set(names), failed: new Map(Object.entries(failed)) };
  }

  /** What it adds to the scores of the nodes, by name. */
  async prioritize(pod: Pod, nodes: readonly Node[], signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const { prioritizeVerb, weight = 0 } = this.#parts.configuration;
    if (!prioritizeVerb) return new Map();
    const answer = await this.#ask(prioritizeVerb, this.#nodeArgs(pod, nodes), signal);
    if (!Array.isArray(answer)) throw new Error(`extender ${this.name} answers with scores that are no list`);
    const scores = answer.map(readFields).map(({ host, score }) => {
      const points = Number(score ?? 0);
      if (!Number.isFinite(points)) throw new Error(`extender ${this.name} gives a score that is no number`);
      return [textOf(host), points * Number(weight) * SCORE_SCALE] as const;
    });
    return new Map(scores);
  }

  /** Which of the plans to push out pods it agrees with, and which pods those are, by the name of the node. */
  async preempt(
    pod: Pod,
    plans: ReadonlyMap<string, NodeVictims>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, NodeVictims>> {
    const { preemptVerb, nodeCacheCapable } = this.#parts.configuration;
    if (!preemptVerb) return plans;
    const victims = [...plans].map(([node, { pods, violations }]) => {
      const listed = nodeCacheCapable ? pods.map(({ metadata }) => ({ UID: metadata.uid })) : pods;
      return [node, { Pods: listed, NumPDBViolations: violations }] as const;
    });
    const key = nodeCacheCapable ? "NodeNameToMetaVictims" : "NodeNameToVictims";
    const answer = readFields(await this.#ask(preemptVerb, { Pod: pod, [key]: Object.fromEntries(victims) }, signal));
    const agreed = new Map<string, NodeVictims>();
    for (const [node, value] of Object.entries(readMap(answer.nodenametometavictims) as Record<string, unknown>)) {
      agreed.set(node, readVictims(value, plans.get(node), node));
    }
    return agreed;
  }

  async bind({ namespace, name, uid, node }: PodBinding, signal: AbortSignal): Promise<void> {
    const { bindVerb = "" } = this.#parts.configuration;
    const args = { PodName: name, PodNamespace: namespace, PodUID: uid, Node: node };
    const { error } = readFields(await this.#ask(bindVerb, args, signal));
    if (error) throw new Error(textOf(error));
  }

  /** An extender that knows the nodes is told names only. */
  #nodeArgs(pod: Pod, nodes: readonly Node[]): object {
    if (this.#parts.configuration.nodeCacheCapable) return { Pod: pod, Nodes: null, NodeNames: namesOf(nodes) };
    return { Pod: pod, Nodes: { metadata: {}, items: nodes }, NodeNames: null };
  }

  async #ask(verb: string, args: object, signal: AbortSignal): Promise<unknown> {
    const { configuration, transport, clock } = this.#parts;
    const delayMs = parseDurationMs(configuration.httpTimeout ?? "") || TIMEOUT_MS;
    const url = `${configuration.urlPrefix.replace(/\/+$/, "")}/${verb}`;
    return withDeadline({ clock, delayMs, signal }, async (ended) => {
      const response = await transport({
        method: "POST",
        path: `/${verb}`,
        query: new URLSearchParams(),
        headers: { "content-type": "application/json", accept: "application/json" },
        body: objectRequestBody(args),
        signal: ended,
        peer: NOBODY,
      });
      if (response.status !== 200)
        throw new Error(`failed ${verb} with extender at URL ${url}, code ${response.status}`);
      return readAnswer(response);
    }).catch((error: unknown) => {
      throw new Error(`extender at URL ${url}: ${errorMessage(error)}`, { cause: error });
    });
  }
}

const namesOf = (nodes: readonly Node[]): string[] => nodes.map(({ metadata }) => metadata.name);

const nameOf = (object: unknown): unknown => readFields(readFields(object).metadata).name;

type Fields = Readonly<Record<string, unknown>>;

/** By their names in lower case: Go, in which extenders are written, does not tell the cases of names apart. */
function readFields(value: unknown): Fields {
  const fields = Object.entries(readMap(value)).map(([name, field]) => [name.toLowerCase(), field] as const);
  return Object.fromEntries(fields);
}

const readMap = (value: unknown): Record<string, string> =>
  typeof value === "object" && value !== null ? (value as Record<string, string>) : {};

const isListOfTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function readVictims(value: unknown, plan: NodeVictims | undefined, node: string): NodeVictims {
  const { pods, numpdbviolations } = readFields(value);
  const uids = (Array.isArray(pods) ? pods : []).map((each) => textOf(readFields(each).uid));
  const victims = uids.map((uid) => {
    const pod = plan?.pods.find(({ metadata }) => metadata.uid === uid);
    if (!pod)
      throw new Error(`extender claims to preempt pod (UID: ${uid}) on node ${node}, which is not planned there`);
    return pod;
  });
  return { pods: victims, violations: Number(numpdbviolations ?? 0) };
}
