// Looks at running containers as their probes ask for, and holds the verdicts. Which containers it looks at follows from
// what runs: each call of sync starts what is missing and stops what is not wanted any more. It decides nothing about pods.

import type { Container } from "../api/core/container.ts";
import type { Pod } from "../api/core/pod.ts";
import { containerStatusOf } from "../api/core/pod-state.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import type { Clock } from "../lib/clock.ts";
import { errorMessage } from "../lib/error-message.ts";
import type { Random } from "../lib/random.ts";
import { ContainerProbe, type ProbeAttempt, type ProbeKind } from "./container-probe.ts";
import { containerSubject } from "./container-subject.ts";
import type { ProbeVerdicts } from "./pod-state.ts";
import { ProbeCounts } from "./probe-counts.ts";
import type { Probe, ProbeResult, ProbeTarget } from "./probes/probe.ts";
import type { RuntimeSnapshot } from "./runtime-snapshot.ts";
import type { ContainerId, ContainerRuntime, RuntimeContainer, RuntimePod } from "./runtimes/runtime.ts";
import type { ProbeCount } from "./stats/probe-metrics.ts";

export interface ProberDeps {
  readonly probes: readonly Probe[];
  readonly runtime: ContainerRuntime;
  readonly snapshot: Pick<RuntimeSnapshot, "hasAnswered">;
  /** The node's address, which pods of the host's network have. */
  readonly hostIP: string;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
}

const KINDS: readonly ProbeKind[] = ["startup", "readiness", "liveness"];

/** The probes of one container and what they found. */
interface Watched {
  readonly probes: Map<ProbeKind, ContainerProbe>;
  verdicts: ProbeVerdicts;
  readonly counts: ProbeCounts;
}

export class Prober {
  readonly #deps: ProberDeps;
  readonly #signal: AbortSignal;
  /** By pod and container. Bound: the running containers of pods with a worker. */
  readonly #pods = new Map<string, Map<ContainerId, Watched>>();

  constructor(deps: ProberDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
    signal.addEventListener("abort", () => [...this.#pods.keys()].forEach((uid) => this.forget(uid)), { once: true });
  }

  verdicts(podUid: string): ReadonlyMap<ContainerId, ProbeVerdicts> {
    const watched = this.#pods.get(podUid) ?? new Map<ContainerId, Watched>();
    return new Map([...watched].map(([id, { verdicts }]) => [id, verdicts]));
  }

  /** Of the containers that run. */
  counts(): readonly ProbeCount[] {
    return [...this.#pods].flatMap(([uid, watched]) => [...watched.values()].flatMap(({ counts }) => counts.list(uid)));
  }

  /** Probes the pod's running containers from now on; `changed` is called when a verdict is new. */
  sync(pod: Pod, runtime: RuntimePod | undefined, changed: () => void): void {
    if (this.#signal.aborted) return;
    const { uid } = pod.metadata;
    const watched = this.#pods.get(uid) ?? new Map<ContainerId, Watched>();
    const running = (runtime?.containers ?? []).filter(({ state }) => state === "running");
    const ids = new Set(running.map(({ id }) => id));
    for (const [id, { probes }] of watched) {
      if (ids.has(id)) continue;
      for (const probe of probes.values()) probe.stop();
      watched.delete(id);
    }
    for (const container of running) this.#syncContainer({ pod, runtime, container, watched, changed });
    if (watched.size > 0) this.#pods.set(uid, watched);
    else this.#pods.delete(uid);
  }

  forget(podUid: string): void {
    for (const { probes } of this.#pods.get(podUid)?.values() ?? []) for (const probe of probes.values()) probe.stop();
    this.#pods.delete(podUid);
  }

  #syncContainer(context: Context): void {
    const { pod, container, watched } = context;
    const { initContainers = [], containers } = pod.spec;
    const spec = [...initContainers, ...containers].find(({ name }) => name === container.name);
    if (!spec) return;
    const entry = watched.get(container.id) ?? {
      probes: new Map<ProbeKind, ContainerProbe>(),
      verdicts: this.#lastVerdicts(pod, spec, container),
      counts: new ProbeCounts(container.name),
    };
    for (const kind of KINDS) {
      const wanted = isWanted(kind, { pod, spec, verdicts: entry.verdicts });
      if (!wanted) {
        entry.probes.get(kind)?.stop();
        entry.probes.delete(kind);
      } else if (!entry.probes.has(kind)) entry.probes.set(kind, this.#start(kind, { ...context, spec, entry }));
    }
    if (entry.probes.size > 0 || Object.keys(entry.verdicts).length > 0) watched.set(container.id, entry);
  }

  /** What was reported before this kubelet started stays true until a probe says otherwise: no pod turns unready by a restart. */
  #lastVerdicts(pod: Pod, spec: Container, container: RuntimeContainer): ProbeVerdicts {
    const reported = containerStatusOf(pod, container.name);
    if (reported?.containerID !== `${this.#deps.runtime.name}://${container.id}`) return {};
    return {
      ...(spec.startupProbe && reported.started && { startup: true }),
      ...(spec.readinessProbe && reported.ready && { readiness: true }),
    };
  }

  #start(kind: ProbeKind, context: Context & { readonly spec: Container; readonly entry: Watched }): ContainerProbe {
    const { pod, runtime, container, spec, entry, changed } = context;
    const probe = spec[`${kind}Probe`] ?? {};
    const sandboxIP = runtime?.sandboxes.find(({ running }) => running)?.ip;
    const host = (pod.spec.hostNetwork ? undefined : sandboxIP) ?? this.#deps.hostIP;
    const target: ProbeTarget = { container: spec, containerId: container.id, host, runtime: this.#deps.runtime };
    return new ContainerProbe({
      ...this.#deps,
      probe,
      startedAtMs: container.startedAtMs ?? container.createdAtMs,
      eager: kind === "readiness",
      look: (attempt) => entry.counts.count(kind, attempt, () => this.#look(kind, { pod, target }, attempt)),
      decided: (verdict) => {
        entry.verdicts = { ...entry.verdicts, [kind]: verdict };
        changed();
      },
      verdict: entry.verdicts[kind],
    });
  }

  async #look(
    kind: ProbeKind,
    { pod, target }: { readonly pod: Pod; readonly target: ProbeTarget },
    { signal, isExtra }: ProbeAttempt,
  ): Promise<ProbeResult> {
    const handler = target.container[`${kind}Probe`] ?? {};
    const title = kind.charAt(0).toUpperCase() + kind.slice(1);
    const tell = (text: string) => {
      if (isExtra) return;
      this.#deps.events.record(containerSubject(pod, target.container.name), "Warning", "Unhealthy", text);
    };
    const beganMs = this.#deps.clock.monotonic();
    try {
      const probe = this.#deps.probes.find(({ field }) => handler[field] !== undefined);
      const result = (await probe?.run(handler, target, signal)) ?? { ok: true };
      // A command may seem to hang because the runtime does, and nothing was learnt about the container then.
      if (!result.ok && handler.exec && signal.aborted && !(await this.#deps.snapshot.hasAnswered(beganMs))) {
        throw new Error("the container runtime does not answer");
      }
      if (!result.ok) tell(`${title} probe failed: ${result.message}`);
      return result;
    } catch (error) {
      tell(`${title} probe errored and resulted in unknown state: ${errorMessage(error)}`);
      throw error;
    }
  }
}

interface Context {
  readonly pod: Pod;
  readonly runtime: RuntimePod | undefined;
  readonly container: RuntimeContainer;
  readonly watched: Map<ContainerId, Watched>;
  readonly changed: () => void;
}

/** The startup probe comes first and ends with its verdict. A pod that is being deleted is only asked whether it is ready. */
function isWanted(
  kind: ProbeKind,
  { pod, spec, verdicts }: { readonly pod: Pod; readonly spec: Container; readonly verdicts: ProbeVerdicts },
): boolean {
  if (!spec[`${kind}Probe`]) return false;
  if (pod.metadata.deletionTimestamp && kind !== "readiness") return false;
  if (kind === "startup") return verdicts.startup === undefined;
  const started = spec.startupProbe === undefined || verdicts.startup === true;
  return started && (kind === "readiness" || verdicts.liveness !== false);
}
