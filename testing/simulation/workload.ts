// What users and bad luck do to a simulated cluster: one random action at a time. Refusals are normal here, as they are for
// users; what matters is the state that the cluster comes to.

import { deployments, type Deployment } from "../../api/apps/deployment.ts";
import { pods } from "../../api/core/pod.ts";
import { services } from "../../api/core/service.ts";
import { keyOf, type NewObject } from "../../api/meta/object.ts";
import { StatusError } from "../../api/meta/status.ts";
import { newService } from "../builders.ts";
import type { Dice } from "./dice.ts";
import { CALM, type Weather } from "./faulty-network.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";

export const NAMESPACE = "default";
const NAMES = ["amber", "birch", "cedar", "dune", "elm"];
const IMAGES = ["app:1", "app:2", "app:3"];
/** More than the nodes have room for, when several ask for it. */
const REPLICAS_MAX = 9;
/** All deployments at this size fit, with room for a rolling update. */
const REPLICAS_FIT = 2;
const CPU_MILLIS_MAX = 900;

const STORMS: readonly Weather[] = [
  { lostRequests: 0.05, lostAnswers: 0, delays: 0.2, delayMsMax: 300, duplicates: 0, cuts: 0.1 },
  { lostRequests: 0.05, lostAnswers: 0.05, delays: 0.1, delayMsMax: 2000, duplicates: 0.05, cuts: 0.3 },
  { lostRequests: 0.3, lostAnswers: 0.2, delays: 0.5, delayMsMax: 500, duplicates: 0.1, cuts: 0.9 },
];

interface Action {
  readonly name: string;
  readonly weight: number;
  /** Resolves with what was done, or undefined where there was nothing to do it to. */
  run(): Promise<string | undefined> | string | undefined;
}

export class Workload {
  readonly #cluster: SimulatedCluster;
  readonly #dice: Dice;
  readonly #actions: readonly Action[];

  constructor(cluster: SimulatedCluster) {
    this.#cluster = cluster;
    this.#dice = cluster.dice();
    this.#actions = [
      { name: "create", weight: 6, run: () => this.#createDeployment() },
      {
        name: "scale",
        weight: 5,
        run: () => this.#changeDeployment({ replicas: this.#dice.between(0, REPLICAS_MAX) }),
      },
      { name: "update", weight: 5, run: () => this.#changeDeployment({ template: this.#template() }) },
      { name: "pause", weight: 1, run: () => this.#changeDeployment({ paused: this.#dice.chance(0.5) }) },
      { name: "delete", weight: 2, run: () => this.#deleteDeployment() },
      { name: "delete pod", weight: 4, run: () => this.#deletePod() },
      { name: "bind", weight: 6, run: () => this.#bindAnyhow() },
      { name: "kill container", weight: 4, run: () => this.#killContainer() },
      { name: "kill sandbox", weight: 2, run: () => this.#killSandbox() },
      { name: "turn unready", weight: 3, run: () => this.#turnReadiness() },
      { name: "crash", weight: 4, run: () => this.#crash() },
      { name: "start", weight: 6, run: () => this.#startCrashed() },
      { name: "silence", weight: 1, run: () => this.#silence() },
      { name: "hear", weight: 2, run: () => this.#hear() },
      { name: "weather", weight: 3, run: () => this.#changeWeather() },
      { name: "runtime failures", weight: 2, run: () => this.#changeRuntimes() },
      { name: "wall clock", weight: 1, run: () => this.#jumpWallClock() },
    ];
  }

  /** A service for each deployment that may come. */
  async prepare(): Promise<void> {
    for (const name of NAMES) await this.#cluster.client.create(services, newService(name, { namespace: NAMESPACE }));
  }

  /** One action. Resolves with a line about it. */
  async act(): Promise<string> {
    const action = this.#dice.weighted(this.#actions.map((value) => ({ weight: value.weight, value })));
    try {
      return `${action.name}: ${(await action.run()) ?? "nothing to do it to"}`;
    } catch (error) {
      if (error instanceof StatusError) return `${action.name}: refused, ${error.reason}`;
      // The server is down, or went down before it answered.
      if (error instanceof Error && error.name === "HttpError") return `${action.name}: no answer`;
      throw error;
    }
  }

  /** Ends all faults, and asks for no more than the nodes have room for. */
  async heal(): Promise<void> {
    const cluster = this.#cluster;
    cluster.weather = CALM;
    cluster.runtimeFailures = 0;
    cluster.unready.clear();
    for (const node of cluster.nodes) node.isSilent = false;
    cluster.start();
    await cluster.clock.advance(1000);
    for (const deployment of await this.#deployments()) {
      const patch = { spec: { replicas: Math.min(deployment.spec.replicas ?? 1, REPLICAS_FIT), paused: false } };
      await cluster.client.patch(deployments, keyOf(deployment), { type: "merge", patch });
    }
  }

  async #deployments(): Promise<readonly Deployment[]> {
    return (await this.#cluster.client.list(deployments, { namespace: NAMESPACE })).items;
  }

  #template(name?: string): Deployment["spec"]["template"] {
    const cpu = `${this.#dice.between(10, CPU_MILLIS_MAX)}m`;
    const probe = { exec: { command: ["ready"] }, periodSeconds: 2, failureThreshold: 1 };
    return {
      ...(name && { metadata: { labels: { app: name } } }),
      spec: {
        terminationGracePeriodSeconds: this.#dice.between(1, 5),
        containers: [
          {
            name: "main",
            image: this.#dice.pick(IMAGES) ?? "",
            resources: { requests: { cpu } },
            ...(this.#dice.chance(0.7) && { readinessProbe: probe }),
          },
        ],
      },
    };
  }

  async #createDeployment(): Promise<string | undefined> {
    const existing = new Set((await this.#deployments()).map(({ metadata }) => metadata.name));
    const name = this.#dice.pick(NAMES.filter((each) => !existing.has(each)));
    if (!name) return undefined;
    const strategy = this.#dice.chance(0.2) ? ({ type: "Recreate" } as const) : {};
    const replicas = this.#dice.between(0, REPLICAS_MAX);
    const selector = { matchLabels: { app: name } };
    const object: NewObject<Deployment> = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { namespace: NAMESPACE, name },
      spec: { replicas, selector, strategy, template: this.#template(name) },
    };
    await this.#cluster.client.create(deployments, object);
    return `${name} with ${replicas} replicas`;
  }

  async #changeDeployment(spec: object): Promise<string | undefined> {
    const found = this.#dice.pick(await this.#deployments());
    if (!found) return undefined;
    await this.#cluster.client.patch(deployments, keyOf(found), { type: "strategic", patch: { spec } });
    return `${found.metadata.name} ${JSON.stringify(spec)}`;
  }

  async #deleteDeployment(): Promise<string | undefined> {
    const found = this.#dice.pick(await this.#deployments());
    if (!found) return undefined;
    const propagationPolicy = this.#dice.chance(0.3) ? "Foreground" : "Background";
    await this.#cluster.client.delete(deployments, keyOf(found), { propagationPolicy });
    return `${found.metadata.name}, ${propagationPolicy}`;
  }

  async #deletePod(): Promise<string | undefined> {
    const found = this.#dice.pick((await this.#cluster.client.list(pods, { namespace: NAMESPACE })).items);
    if (!found) return undefined;
    const isForced = this.#dice.chance(0.2);
    await this.#cluster.client.delete(pods, keyOf(found), isForced ? { gracePeriodSeconds: 0 } : {});
    return `${found.metadata.name}${isForced ? " by force" : ""}`;
  }

  /** As another scheduler would that knows nothing of the room on nodes: only the server can refuse it. */
  async #bindAnyhow(): Promise<string | undefined> {
    const { client, nodes } = this.#cluster;
    const unbound = (await client.list(pods, { namespace: NAMESPACE })).items.filter(({ spec }) => !spec.nodeName);
    const [pod, node] = [this.#dice.pick(unbound), this.#dice.pick(nodes)];
    if (!pod || !node) return undefined;
    const target = { apiVersion: "v1", kind: "Node", name: node.name };
    const binding = { apiVersion: "v1", kind: "Binding", metadata: keyOf(pod), target };
    await client.createSubresource(pods, { ...keyOf(pod), subresource: "binding" }, binding);
    return `${pod.metadata.name} to ${node.name}`;
  }

  async #killContainer(): Promise<string | undefined> {
    const node = this.#dice.pick(this.#cluster.nodes);
    const running = (await node?.runtime.list(new AbortController().signal))?.flatMap(({ containers }) => containers);
    const found = this.#dice.pick(running?.filter(({ state }) => state === "running") ?? []);
    if (!found) return undefined;
    node?.runtime.exit(found.id, this.#dice.between(0, 1));
    return found.id;
  }

  async #killSandbox(): Promise<string | undefined> {
    const node = this.#dice.pick(this.#cluster.nodes);
    const sandboxes = (await node?.runtime.list(new AbortController().signal))?.flatMap((pod) => pod.sandboxes);
    const found = this.#dice.pick(sandboxes?.filter(({ running }) => running) ?? []);
    if (!found) return undefined;
    node?.runtime.killSandbox(found.id);
    return found.id;
  }

  async #turnReadiness(): Promise<string | undefined> {
    const { unready, client } = this.#cluster;
    const found = this.#dice.pick((await client.list(pods, { namespace: NAMESPACE })).items);
    if (!found) return undefined;
    const { uid, name } = found.metadata;
    if (unready.delete(uid)) return `${name} is ready again`;
    unready.add(uid);
    return name;
  }

  #crash(): string | undefined {
    const found = this.#dice.pick(this.#cluster.components.filter(({ isRunning }) => isRunning));
    found?.crash();
    // Most crashed processes are started again at once by whoever watches over them.
    if (this.#dice.chance(0.5)) found?.start();
    return found?.name;
  }

  #startCrashed(): string | undefined {
    const found = this.#dice.pick(this.#cluster.components.filter(({ isRunning }) => !isRunning));
    found?.start();
    return found?.name;
  }

  #silence(): string | undefined {
    const found = this.#dice.pick(this.#cluster.nodes.filter(({ isSilent }) => !isSilent));
    if (found) found.isSilent = true;
    return found?.name;
  }

  #hear(): string | undefined {
    const found = this.#dice.pick(this.#cluster.nodes.filter(({ isSilent }) => isSilent));
    if (found) found.isSilent = false;
    return found?.name;
  }

  #changeWeather(): string {
    const storm = this.#dice.chance(0.4) ? undefined : this.#dice.pick(STORMS);
    this.#cluster.weather = storm ?? CALM;
    return storm ? JSON.stringify(storm) : "calm";
  }

  #changeRuntimes(): string {
    this.#cluster.runtimeFailures = this.#dice.chance(0.5) ? 0 : 0.2;
    return `${this.#cluster.runtimeFailures}`;
  }

  #jumpWallClock(): string {
    const byMs = this.#dice.between(-3_600_000, 3_600_000);
    this.#cluster.clock.jumpWallClock(byMs);
    return `by ${byMs} ms`;
  }
}
