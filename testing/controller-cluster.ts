// A test cluster with all controllers, as they run in production, and a fake kubelet on some nodes.

import { builtinResources } from "../api/index.ts";
import { namespaces } from "../api/core/namespace.ts";
import { isAlreadyExists } from "../api/meta/status.ts";
import { componentUser, systemAccountUser } from "../apiserver/auth/system-users.ts";
import { inProcessTransport } from "../client/transport.ts";
import { runControllers } from "../controllers/run-controllers.ts";
import { sleep } from "../lib/clock.ts";
import { errorMessage } from "../lib/error-message.ts";
import type { EncodableEvent, Handler } from "../lib/http.ts";
import { silentLog, type Log } from "../lib/log.ts";
import { newNode } from "./builders.ts";
import { TestCluster, type Component, type ComponentParts, type TestClusterOptions } from "./cluster.ts";
import { FakeKubelet } from "./fake-kubelet.ts";

export interface ControllerCluster {
  readonly cluster: TestCluster;
  readonly kubelet: FakeKubelet;
  /** What was logged as an error so far. */
  readonly errors: readonly string[];
}

export interface ControllerClusterOptions {
  /** Names of ready nodes; one unless given. */
  readonly nodes?: readonly string[];
  /** The controllers; all of them unless given. */
  readonly controllers?: Component;
  /** How the API server reaches the nodes' kubelets; not at all unless given. */
  readonly nodeHandler?: TestClusterOptions["nodeHandler"];
}

/** All controllers over the given transport, each with its own rights, without leader election. */
export const allControllers: Component = (parts, signal) => someControllers()(parts, signal);

/** The same, but only those with these names. */
export const someControllers =
  (...names: readonly string[]): Component =>
  ({ transport, clock, random, log, metrics }, signal) =>
    runControllers(
      {
        ...ownIdentities(transport),
        clock,
        random,
        log,
        metrics,
        resources: builtinResources,
        gracePeriodMs: 40_000,
        ...(names.length > 0 && { isEnabled: (name) => names.includes(name) }),
      },
      signal,
    );

/** The transports of controllers in the same process as the API server. */
export const ownIdentities = (transport: Handler) => ({
  transport: inProcessTransport(transport, componentUser("system:kube-controller-manager")),
  transportOf: (account: string) => inProcessTransport(transport, systemAccountUser(account)),
});

/** The same, but their caches hear of each change only after a while; `lagMs` is asked anew for each batch of events. */
export const laggingControllers =
  (lagMs: () => number): Component =>
  (parts, signal) =>
    allControllers({ ...parts, transport: lagging(parts, lagMs) }, signal);

function lagging({ transport, clock }: Pick<ComponentParts, "transport" | "clock">, lagMs: () => number): Handler {
  return async (request) => {
    const response = await transport(request);
    const { body } = response;
    if (body.kind !== "events") return response;
    async function* late(events: AsyncIterable<readonly EncodableEvent[]>) {
      for await (const batch of events) {
        await sleep(clock, lagMs(), request.signal);
        yield batch;
      }
    }
    return { ...response, body: { kind: "events", events: late(body.events) } };
  };
}

/** Starts and settles. The test owes a `cluster.stop()`. */
export async function startControllerCluster(options: ControllerClusterOptions = {}): Promise<ControllerCluster> {
  const kubelet = new FakeKubelet();
  const errors: string[] = [];
  const cluster = await TestCluster.start({
    controllers: [kubelet.controller],
    log: collecting(errors),
    nodeHandler: options.nodeHandler,
  });
  for (const name of ["default", "kube-system", "kube-node-lease"]) {
    await cluster.client.create(namespaces, { metadata: { name }, spec: {} }).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
  }
  await cluster.addNodes(...(options.nodes ?? ["n1"]).map((name) => newNode(name)));
  cluster.run(kubelet.heartbeats);
  cluster.run(options.controllers ?? allControllers);
  await cluster.settle();
  return { cluster, kubelet, errors };
}

function collecting(errors: string[]): Log {
  const log: Log = {
    ...silentLog,
    error: (message, { error, ...fields } = {}) => {
      errors.push(`${message} ${JSON.stringify(fields)} ${errorMessage(error)}`);
    },
    with: () => log,
  };
  return log;
}
