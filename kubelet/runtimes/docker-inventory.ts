// What this node has on a Docker Engine. Docker's list lacks times and exit codes, so each container is inspected once per
// state that it passes through, and not again.

import { ignoring, type ContainerDetails, type ContainerSummary, type DockerEngine } from "./docker-engine.ts";
import { labels, type NodeScope } from "./docker-spec.ts";
import { isSandbox, isSettled, readContainer, readPod, readSandbox } from "./docker-state.ts";
import { Limiter } from "./limiter.ts";
import { groupPods } from "./pod-list.ts";
import type { RuntimePod } from "./runtime.ts";

const INSPECTIONS_MAX = 8;

interface Known {
  readonly state: string;
  readonly details: ContainerDetails;
}

export class DockerInventory {
  readonly #engine: DockerEngine;
  readonly #scope: NodeScope;
  readonly #limiter = new Limiter(INSPECTIONS_MAX);
  /** By container id; holds no more than Docker has for this node. */
  #known = new Map<string, Known>();

  constructor(engine: DockerEngine, scope: NodeScope) {
    this.#engine = engine;
    this.#scope = scope;
  }

  async list(signal: AbortSignal): Promise<RuntimePod[]> {
    const summaries = await this.find([], signal);
    const found = await Promise.all(summaries.map((summary) => this.#detail(summary, signal)));
    const present = found.filter((each) => each !== undefined);
    this.#known = new Map(
      present
        .filter(({ details }) => isSettled(details))
        .map(({ summary, details }) => [summary.Id, { state: summary.State, details }]),
    );
    return groupPods(
      present
        .filter(({ summary }) => isSandbox(summary))
        .map(({ summary, details }) => ({ pod: readPod(summary.Labels), state: readSandbox(summary, details) })),
      present
        .filter(({ summary }) => !isSandbox(summary))
        .map(({ summary, details }) => ({ pod: readPod(summary.Labels), state: readContainer(summary, details) })),
    );
  }

  /** This node's containers that carry all of the labels (`name=value`), in any state. */
  async find(withLabels: readonly string[], signal: AbortSignal): Promise<readonly ContainerSummary[]> {
    const label = [...scopeLabels(this.#scope), ...withLabels];
    const query = { all: 1, filters: { label } };
    return (await this.#engine.call({ method: "GET", path: "/containers/json", query, signal })) as ContainerSummary[];
  }

  /** Undefined where there is none, or it belongs to another node. */
  async inspect(idOrName: string, signal: AbortSignal): Promise<ContainerDetails | undefined> {
    const path = `/containers/${encodeURIComponent(idOrName)}/json`;
    const details = await ignoring([404], this.#engine.call({ method: "GET", path, signal }));
    return details as ContainerDetails | undefined;
  }

  async #detail(summary: ContainerSummary, signal: AbortSignal) {
    const known = this.#known.get(summary.Id);
    if (known?.state === summary.State) return { summary, details: known.details };
    const details = await this.#limiter.run(signal, () => this.inspect(summary.Id, signal));
    return details && { summary, details };
  }
}

export function scopeLabels({ cluster, node }: NodeScope): string[] {
  return [`${labels.cluster}=${cluster}`, `${labels.node}=${node}`];
}
