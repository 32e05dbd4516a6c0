// Runs a controller: changes become keys in a queue, workers hand each key's object to the reconciler, failures come back
// after a growing while. The loop alone retries, counts and logs errors; a reconciler only throws them.

import { setMaxListeners } from "node:events";
import { formatKey, keyOf, type KubeObject, type ObjectKey } from "../api/meta/object.ts";
import { isConflict } from "../api/meta/status.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import type { Metrics } from "../lib/metrics.ts";
import { TerminalError, type Controller, type ControllerDeps, type Reconciler, type Requeue } from "./controller.ts";
import type { Change, Informer } from "./informer.ts";
import { WorkQueue } from "./workqueue.ts";

const CONCURRENCY = 5;

/**
 * Starts the controller and resolves when, after the abort of `signal`, its last reconcile has ended. Waits for the first
 * list of every kind that the controller uses before the first reconcile. Rejects only when the controller cannot be built.
 */
export async function runController<T extends KubeObject>(
  controller: Controller<T>,
  deps: ControllerDeps,
  signal: AbortSignal,
): Promise<void> {
  const log = deps.log.with({ controller: controller.name });
  // Every idle worker listens for the end, and many controllers may share the signal.
  setMaxListeners(0, signal);
  const used = new Set<Informer<KubeObject>>();
  const informer: ControllerDeps["informer"] = (resource, indexers) => {
    const found = deps.informer(resource, indexers);
    used.add(found);
    return found;
  };
  const own: ControllerDeps = { ...deps, informer, log };
  const queue = new WorkQueue({ name: controller.name, clock: deps.clock, metrics: deps.metrics });
  const loop = new Loop({ controller, deps: own, queue, reconciler: controller.build(own) });
  const unsubscribe = loop.listen();
  try {
    await Promise.all([...used].map(({ synced }) => synced));
    await Promise.all(Array.from({ length: controller.concurrency ?? CONCURRENCY }, () => loop.work(signal)));
  } catch (error) {
    // Informers that are stopped before their first list reject; that is how the loop ends then.
    if (!signal.aborted) throw error;
  } finally {
    unsubscribe();
    queue.clear();
  }
}

interface LoopParts<T extends KubeObject> {
  readonly controller: Controller<T>;
  readonly deps: ControllerDeps;
  readonly queue: WorkQueue;
  readonly reconciler: Reconciler<T>;
}

class Loop<T extends KubeObject> {
  readonly #parts: LoopParts<T>;
  readonly #objects: Informer<T>;
  readonly #metrics: ReturnType<typeof reconcileMetrics>;

  constructor(parts: LoopParts<T>) {
    this.#parts = parts;
    this.#objects = parts.deps.informer(parts.controller.for);
    this.#metrics = reconcileMetrics(parts.deps.metrics, parts.controller.name);
  }

  /** Queues a key for each change that concerns it. Returns the function that stops it. */
  listen(): () => void {
    const { controller, deps } = this.#parts;
    const add = (key: ObjectKey) => this.#parts.queue.add(formatKey(key));
    const stops = [this.#objects.onChange(({ object }) => add(keyOf(object)))];
    for (const owned of controller.owns ?? []) {
      stops.push(deps.informer(owned).onChange((change) => controllersAmong(change, controller.for).forEach(add)));
    }
    for (const rule of controller.watches ?? []) {
      stops.push(deps.informer(rule.resource).onChange((change) => rule.map(change, deps).forEach(add)));
    }
    return () => stops.forEach((stop) => stop());
  }

  async work(signal: AbortSignal): Promise<void> {
    const { queue } = this.#parts;
    for (let key = await queue.take(signal); key !== undefined; key = await queue.take(signal)) {
      await this.#process(key, signal);
      queue.done(key);
    }
  }

  async #process(key: string, signal: AbortSignal): Promise<void> {
    const { queue, deps } = this.#parts;
    const startedMs = deps.clock.monotonic();
    try {
      const requeue = await this.#reconcile(parseKey(key), signal);
      queue.forget(key);
      if (requeue) queue.addAfter(key, requeue.afterMs);
      this.#metrics.count(requeue ? "requeue_after" : "success");
    } catch (error) {
      if (!signal.aborted) this.#fail(key, error);
    } finally {
      this.#metrics.took(deps.clock.monotonic() - startedMs);
    }
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Requeue | void> {
    const { reconciler } = this.#parts;
    const object = this.#objects.get(key);
    if (!object) return reconciler.forget?.(key);
    if (object.metadata.deletionTimestamp && reconciler.finalize) return reconciler.finalize(object, signal);
    return reconciler.reconcile(object, signal);
  }

  #fail(key: string, error: unknown): void {
    const { queue, deps } = this.#parts;
    this.#metrics.count("error");
    if (error instanceof TerminalError) {
      queue.forget(key);
      deps.log.error("Reconciling failed for good; it waits for a change of the object", { key, error });
      return;
    }
    const failures = queue.retry(key);
    // Somebody else was first. The cache will show what they wrote in a moment.
    if (isConflict(error)) deps.log.debug("Reconciling met a conflict; it is tried again", { key });
    else deps.log.error("Reconciling failed; it is tried again", { key, failures, error });
  }
}

type Owner = Pick<ResourceDefinition, "group" | "kind" | "scope">;

/** The owners, of the kind, that control the changed object: now, or before the change. */
function controllersAmong(change: Change<KubeObject>, kind: Owner): readonly ObjectKey[] {
  const versions = change.type === "updated" ? [change.object, change.before] : [change.object];
  return versions.flatMap(({ metadata }) =>
    (metadata.ownerReferences ?? [])
      .filter((owner) => owner.controller && owner.kind === kind.kind && groupOf(owner.apiVersion) === kind.group)
      .map(({ name }) => (kind.scope === "Namespaced" ? { namespace: metadata.namespace, name } : { name })),
  );
}

const groupOf = (apiVersion: string) => (apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "");

/** The inverse of formatKey: neither namespaces nor names hold a slash. */
function parseKey(key: string): ObjectKey {
  const slash = key.indexOf("/");
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Named as controller-runtime names them. */
function reconcileMetrics(metrics: Metrics, controller: string) {
  const total = metrics.counter({
    name: "controller_runtime_reconcile_total",
    help: "Reconciles, by outcome.",
    labels: ["controller", "result"],
  });
  const seconds = metrics.histogram({
    name: "controller_runtime_reconcile_time_seconds",
    help: "Time that a reconcile takes.",
    labels: ["controller"],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30],
  });
  const took = seconds.series({ controller });
  return {
    count: (result: "success" | "requeue_after" | "error") => total.add({ controller, result }),
    took: (ms: number) => took.observe(ms / 1000),
  };
}
