// What this node has on a Docker Engine. Docker's list lacks times and exit codes, and is behind its own events; so each
// container is inspected, which is exact, and once only for each event that Docker reports of it.

import { ignoring, type ContainerDetails, type ContainerSummary, type DockerEngine } from "./docker-engine.ts";
import { labels, type NodeScope } from "./docker-spec.ts";
import { isSandbox, readContainer, readPod, readSandbox } from "./docker-state.ts";
import { Limiter } from "./limiter.ts";
import { groupPods } from "./pod-list.ts";
import type { RuntimePod } from "./runtime.ts";

const INSPECTIONS_MAX = 8;

interface Detailed {
  readonly summary: ContainerSummary;
  readonly details: ContainerDetails;
}

interface Listing {
  readonly changed: Set<string>;
  allChanged: boolean;
}

export class DockerInventory {
  readonly #engine: DockerEngine;
  readonly #scope: NodeScope;
  readonly #limiter = new Limiter(INSPECTIONS_MAX);
  /** Details that hold until Docker reports an event, by container id; no more than Docker has for this node. */
  #known = new Map<string, ContainerDetails>();
  /** As they were before Docker began to start them; by container id, as many as it starts at a time. */
  readonly #starting = new Map<string, ContainerDetails>();
  /** How many follow Docker's events. Nothing is remembered while nobody does. */
  #followers = 0;
  /** The lists that are being made, each with the events that came meanwhile: what they touched may be out of date. */
  readonly #listings = new Set<Listing>();

  constructor(engine: DockerEngine, scope: NodeScope) {
    this.#engine = engine;
    this.#scope = scope;
  }

  async list(signal: AbortSignal): Promise<RuntimePod[]> {
    const listing: Listing = { changed: new Set(), allChanged: false };
    this.#listings.add(listing);
    try {
      const summaries = await this.find([], signal);
      const found = await Promise.all(summaries.map((summary) => this.#detail(summary, signal)));
      const present = found.filter((each) => each !== undefined);
      this.#known = new Map(
        present.filter((each) => this.#holds(each, listing)).map(({ summary, details }) => [summary.Id, details]),
      );
      return groupByPod(present);
    } finally {
      this.#listings.delete(listing);
    }
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

  /**
   * Starts a container. Docker answers no inspection of it meanwhile, for up to seconds under load; lists show it as created
   * until the start is over, so that the other pods do not wait for it.
   */
  async whileStarting(details: ContainerDetails, start: () => Promise<void>): Promise<void> {
    this.#starting.set(details.Id, details);
    try {
      await start();
    } finally {
      this.#starting.delete(details.Id);
    }
  }

  /** Details may be remembered from now on, as forget() is called for each event. The returned function ends that. */
  remember(): () => void {
    this.#followers++;
    this.#forgetAll();
    return () => {
      this.#followers--;
      this.#forgetAll();
    };
  }

  /** Docker has reported an event of this container. */
  forget(id: string): void {
    this.#known.delete(id);
    for (const listing of this.#listings) listing.changed.add(id);
  }

  #forgetAll(): void {
    this.#known.clear();
    for (const listing of this.#listings) listing.allChanged = true;
  }

  /** A container that is only created may fail to start, of which there is no event. */
  #holds({ summary, details }: Detailed, listing: Listing): boolean {
    const touched = listing.allChanged || listing.changed.has(summary.Id);
    return this.#followers > 0 && !touched && details.State.Status !== "created";
  }

  async #detail(summary: ContainerSummary, signal: AbortSignal): Promise<Detailed | undefined> {
    const known = this.#known.get(summary.Id) ?? this.#starting.get(summary.Id);
    if (known) return { summary, details: known };
    const details = await this.#limiter.run(signal, () => this.inspect(summary.Id, signal));
    return details && { summary, details };
  }
}

function groupByPod(all: readonly Detailed[]): RuntimePod[] {
  const sandboxes = all.filter(({ summary }) => isSandbox(summary));
  const containers = all.filter(({ summary }) => !isSandbox(summary));
  return groupPods(
    sandboxes.map(({ summary, details }) => ({ pod: readPod(summary.Labels), state: readSandbox(summary, details) })),
    containers.map(({ summary, details }) => ({
      pod: readPod(summary.Labels),
      state: readContainer(summary, details),
    })),
  );
}

export function scopeLabels({ cluster, node }: NodeScope): string[] {
  return [`${labels.cluster}=${cluster}`, `${labels.node}=${node}`];
}
