// What a node and its pods use at one moment: the runtime's measurements, put together with whose they are.

import type { Clock } from "../../lib/clock.ts";
import type { ContainerRuntime, PodIdentity, RuntimeContainer, RuntimePod } from "../runtimes/runtime.ts";
import type { Usage } from "../runtimes/usage.ts";

export interface Measurement {
  readonly node: Usage;
  readonly pods: readonly PodMeasurement[];
}

export interface PodMeasurement {
  readonly pod: PodIdentity;
  readonly startedAtMs: number;
  /** That run and could be measured; never empty. */
  readonly containers: readonly ContainerMeasurement[];
}

export interface ContainerMeasurement {
  readonly name: string;
  readonly startedAtMs: number;
  readonly usage: Usage;
}

export interface MeasurementSources {
  readonly snapshot: { readonly pods: Iterable<RuntimePod> };
  readonly runtime: Pick<ContainerRuntime, "usage">;
  readonly clock: Clock;
  /** The machine as a whole; the sum of the containers unless given. */
  readonly measureMachine?: () => Promise<Usage>;
}

export async function measureNode(sources: MeasurementSources, signal: AbortSignal): Promise<Measurement> {
  const { snapshot, runtime, clock, measureMachine } = sources;
  const all = [...snapshot.pods];
  const ids = all.flatMap(({ containers }) => containers.filter(isRunning).map(({ id }) => id));
  const [usages, machine] = await Promise.all([runtime.usage.measure(ids, signal), measureMachine?.()]);
  const node = machine ?? sumOf([...usages.values()], clock.now());
  return { node, pods: all.flatMap((pod) => describePod(pod, usages) ?? []) };
}

const isRunning = ({ state }: RuntimeContainer) => state === "running";

function describePod(
  { pod, sandboxes, containers }: RuntimePod,
  usages: ReadonlyMap<string, Usage>,
): PodMeasurement | undefined {
  const measured = containers.filter(isRunning).flatMap((container): ContainerMeasurement[] => {
    const { id, name, startedAtMs = container.createdAtMs } = container;
    const usage = usages.get(id);
    return usage ? [{ name, startedAtMs, usage }] : [];
  });
  const [first] = measured;
  if (!first) return undefined;
  return { pod, startedAtMs: sandboxes[0]?.createdAtMs ?? first.startedAtMs, containers: measured };
}

/** Measured when the last one of them was. */
export function sumOf(usages: readonly Usage[], atMs = 0): Usage {
  return usages.reduce(
    (sum, each) => ({
      cpuNanoseconds: sum.cpuNanoseconds + each.cpuNanoseconds,
      memoryBytes: sum.memoryBytes + each.memoryBytes,
      measuredAtMs: Math.max(sum.measuredAtMs, each.measuredAtMs),
    }),
    { cpuNanoseconds: 0, memoryBytes: 0, measuredAtMs: atMs },
  );
}

/** Measures when asked, and remembers the time before that, for rates. */
export class NodeMeter {
  readonly #sources: MeasurementSources;
  #last: Measurement | undefined;
  #before: Measurement | undefined;

  constructor(sources: MeasurementSources) {
    this.#sources = sources;
  }

  /** `before`: the last measurement that is long enough ago; undefined the first time. */
  async measure(signal: AbortSignal): Promise<{ readonly now: Measurement; readonly before: Measurement | undefined }> {
    const now = await measureNode(this.#sources, signal);
    const last = this.#last;
    if (!last || now.node.measuredAtMs - last.node.measuredAtMs >= RATE_MIN_MS) {
      this.#before = last;
      this.#last = now;
    }
    return { now, before: this.#before };
  }
}

/** Over less, the grain of the kernel's clocks would show. */
const RATE_MIN_MS = 1000;
