// The whole production cluster in one process, on a clock and dice of its own: the API server over the memory store,
// controllers, scheduler and kubelets, each behind a network that may fail, each restartable at any moment.

import { setMaxListeners } from "node:events";
import { builtinResources } from "../../api/index.ts";
import { createApiServer } from "../../apiserver/api-server.ts";
import { componentUser, kubeletUser } from "../../apiserver/auth/system-users.ts";
import { MemoryStore } from "../../apiserver/storage/memory-store.ts";
import { createClient } from "../../client/api-client.ts";
import type { Client } from "../../client/client.ts";
import { inProcessTransport } from "../../client/transport.ts";
import { runControllers } from "../../controllers/run-controllers.ts";
import { ownIdentities } from "../controller-cluster.ts";
import { HttpError, type Handler, type UserInfo } from "../../lib/http.ts";
import type { Log } from "../../lib/log.ts";
import { createMetrics } from "../../lib/metrics.ts";
import { seededRandom } from "../../lib/random.ts";
import { runScheduler } from "../../scheduler/run-scheduler.ts";
import { FakeClock } from "../fake-clock.ts";
import { Dice } from "./dice.ts";
import { CALM, faultyNetwork, type Weather } from "./faulty-network.ts";
import { History } from "./history.ts";
import { Restartable } from "./restartable.ts";
import { SimulatedNode } from "./simulated-node.ts";

const NODES = 3;
const GRACE_PERIOD_MS = 40_000;
const ADMINISTRATOR = { username: "admin", groups: ["system:masters", "system:authenticated"] };

export interface SimulatedClusterOptions {
  readonly seed: number;
  readonly log: Log;
}

export class SimulatedCluster {
  readonly clock = new FakeClock();
  readonly store = new MemoryStore();
  readonly history = new History();
  readonly nodes: readonly SimulatedNode[];
  /** What can be crashed: the API server, the controllers, the scheduler, and each kubelet. */
  readonly components: readonly Restartable[];
  /** The administrator's, over a network without faults. */
  readonly client: Client;
  weather: Weather = CALM;
  /** How often the container runtimes fail, 0 to 1. */
  runtimeFailures = 0;
  /** Pods whose programs say that they are not ready, by uid. */
  readonly unready = new Set<string>();
  /** Called when a write of a component has taken effect, before the component hears of it. */
  wrote: (component: string) => void = () => undefined;
  readonly #options: SimulatedClusterOptions;
  readonly #stop = new AbortController();
  readonly #failures: string[] = [];
  readonly #following: Promise<void>;
  #streams = 0;
  #server: Handler | undefined;

  constructor(options: SimulatedClusterOptions) {
    this.#options = options;
    setMaxListeners(0, this.#stop.signal);
    this.nodes = Array.from({ length: NODES }, (_, index) => this.#makeNode(index + 1));
    this.components = [
      this.#component("apiserver", (signal) => this.#runServer(signal)),
      this.#component("controllers", (signal) =>
        runControllers(
          {
            ...this.#controllerParts(signal),
            resources: builtinResources,
            gracePeriodMs: GRACE_PERIOD_MS,
            certificateAuthority: "",
          },
          signal,
        ),
      ),
      this.#component("scheduler", (signal) =>
        runScheduler(this.#actingAs(componentUser("system:kube-scheduler"), this.#parts("scheduler", signal)), signal),
      ),
      ...this.nodes.map((node) =>
        this.#component(`kubelet ${node.name}`, (signal) =>
          node.runKubelet(
            this.#actingAs(
              kubeletUser(node.name),
              this.#parts("kubelet", signal, () => node.isSilent),
            ),
            signal,
          ),
        ),
      ),
    ];
    this.client = createClient((request) => this.#serve(request));
    this.#following = this.history.follow(this.store, this.#stop.signal);
  }

  /** Dice that no one else throws: what one part decides does not change what another one does. */
  dice(): Dice {
    return new Dice(this.#random());
  }

  start(): void {
    for (const component of this.components) component.start();
  }

  /** What a component has failed with since the last call. */
  takeFailures(): readonly string[] {
    return this.#failures.splice(0);
  }

  async stop(): Promise<void> {
    for (const component of this.components) component.crash();
    this.#stop.abort();
    await this.clock.advance(60_000);
    await Promise.all(this.components.map((component) => component.stopped()));
    await this.store.close();
    await this.#following;
  }

  #random() {
    return seededRandom(Math.imul(this.#options.seed, 0x9e3779b1) + this.#streams++);
  }

  #makeNode(index: number): SimulatedNode {
    const runtimeFailures = () => this.runtimeFailures;
    const isReady = (uid: string) => !this.unready.has(uid);
    return new SimulatedNode({ index, clock: this.clock, dice: this.dice(), runtimeFailures, isReady });
  }

  #component(name: string, run: (signal: AbortSignal) => Promise<void>): Restartable {
    const failed = (_: string, error: unknown) =>
      this.#failures.push(`${name} has failed: ${error instanceof Error ? error.stack : String(error)}`);
    return new Restartable({ name, run, failed });
  }

  /** The means of one life of a component. A crashed one reaches nothing any more. */
  #parts(component: string, life: AbortSignal, isCut: () => boolean = () => false) {
    const { clock } = this;
    const { log } = this.#options;
    setMaxListeners(0, life);
    const transport = faultyNetwork({
      server: (request) => this.#serve(request),
      clock,
      dice: this.dice(),
      weather: () => this.weather,
      isCut: () => life.aborted || isCut(),
      wrote: () => this.wrote(component),
    });
    return { transport, clock, random: this.#random(), log, metrics: createMetrics() };
  }

  #controllerParts(life: AbortSignal) {
    const parts = this.#parts("controllers", life);
    return { ...parts, ...ownIdentities(parts.transport) };
  }

  /** With the rights of that user, and no others. */
  #actingAs<P extends { readonly transport: Handler }>(user: UserInfo, parts: P): P {
    return { ...parts, transport: inProcessTransport(parts.transport, user) };
  }

  #serve: Handler = (request) => this.#server?.(request) ?? Promise.reject(new HttpError(503, "nobody listens there"));

  /** Serves from its start until its end; requests of its time are answered by nobody else. */
  async #runServer(signal: AbortSignal): Promise<void> {
    setMaxListeners(0, signal);
    const { handle, start } = createApiServer({
      store: this.store,
      resources: builtinResources,
      clock: this.clock,
      random: this.#random(),
      log: this.#options.log,
      metrics: createMetrics(),
      nodeHandler: () => () => Promise.resolve({ status: 502, headers: {}, body: { kind: "empty" } }),
      // The simulated nodes have no disks for volumes.
      disabledAdmission: ["ServiceAccount"],
      serviceCidr: "10.96.0.0/16",
      authorizationModes: ["Node", "RBAC"],
    });
    const ended = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new HttpError(503, "the server has gone")), { once: true });
    });
    ended.catch(() => undefined);
    this.#server = (request) => {
      const peer = { address: "in-process", user: request.peer.user ?? ADMINISTRATOR };
      const whileAlive = AbortSignal.any([request.signal, signal]);
      return Promise.race([handle({ ...request, peer, signal: whileAlive }), ended]);
    };
    await start(signal);
    await ended.catch(() => undefined);
  }
}
