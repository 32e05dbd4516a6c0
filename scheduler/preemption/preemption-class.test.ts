import { expect } from "chai";
import fc from "fast-check";
import type { TopologySpreadConstraint } from "../../api/core/affinity.ts";
import type { PodSpec } from "../../api/core/pod.ts";
import { seededRandom } from "../../lib/random.ts";
import {
  budgetOf,
  nodeOf,
  podOf,
  render,
  snapshotOf,
  TestPlanner,
  type TestState,
} from "../../testing/preemption-state.ts";
import type { PodInfo } from "../pod-info.ts";
import { schedulerPlugins } from "../plugins/index.ts";
import { PodScheduler } from "../schedule.ts";

const HOSTNAME = "kubernetes.io/hostname";
const labelled = { labelSelector: { matchLabels: { app: "x" } } };
const spread: TopologySpreadConstraint = {
  ...labelled,
  topologyKey: "zone",
  maxSkew: 1,
  whenUnsatisfiable: "DoNotSchedule",
};
const specs: readonly Partial<PodSpec>[] = [
  {},
  {},
  {},
  {
    affinity: {
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOSTNAME, ...labelled }] },
    },
  },
  {
    affinity: {
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", ...labelled }] },
    },
  },
  {
    affinity: {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", ...labelled }] },
    },
  },
  { topologySpreadConstraints: [spread] },
];
const randomPod = fc.record({
  cpu: fc.constantFrom("500m", "1", "2", "3"),
  priority: fc.integer({ min: 0, max: 4 }),
  app: fc.constantFrom("x", "y", undefined),
  started: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  spec: fc.constantFrom(...specs),
  port: fc.option(fc.constantFrom(80, 81), { freq: 2, nil: undefined }),
  band: fc.option(fc.constantFrom("production", "batch"), { freq: 3, nil: undefined }),
});
type RandomPod = typeof randomPod extends fc.Arbitrary<infer T> ? T : never;

function podFrom(name: string, random: RandomPod, morePriority = 0): PodInfo {
  const { cpu, priority, app: label, started, spec, port, band: inBand } = random;
  const ports = port ? [{ containerPort: 1, hostPort: port, protocol: "TCP" as const }] : [];
  const containers = [{ name: "main", image: "app", ports, resources: { requests: { cpu } } }];
  const labels = { ...(label && { app: label }), ...(inBand && { "scheduling.kctl.dev/band": inBand }) };
  return podOf({ name, priority: priority + morePriority, labels, started, spec: { ...spec, containers } });
}

const randomNode = fc.record({
  cpu: fc.constantFrom("2", "4"),
  zone: fc.option(fc.constantFrom("a", "b"), { freq: 5, nil: undefined }),
  isTainted: fc.boolean(),
});
type RandomNode = typeof randomNode extends fc.Arbitrary<infer T> ? T : never;
const taints = [{ key: "team", value: "a", effect: "NoSchedule" as const }];

const isProduction = ({ labels }: PodInfo) => labels["scheduling.kctl.dev/band"] === "production";
const byImportance = (a: PodInfo, b: PodInfo) =>
  b.priority - a.priority || (a.startedMs === b.startedMs ? 0 : a.startedMs - b.startedMs);

interface PlainCandidate {
  readonly name: string;
  readonly victims: readonly PodInfo[];
  readonly harm: readonly number[];
}

/** What Kubernetes' rules say, read word by word. Each question is asked of a cluster that has only just been built. */
class PlainPlan {
  readonly #pod: PodInfo;
  readonly #state: TestState;
  readonly #reasons: string[] = [];

  constructor(pod: PodInfo, state: TestState) {
    this.#pod = pod;
    this.#state = state;
  }

  render(): string {
    const { nodes } = this.#state;
    const candidates = nodes.flatMap(({ metadata: { name } }) => this.#candidate(name) ?? []);
    candidates.sort(byHarm);
    const [best] = candidates;
    if (best) return `${best.name}: ${best.victims.map(({ pod: { metadata } }) => metadata.name).join(" ")}`;
    const all = this.#reasons;
    const counted = [...new Set(all)].map((reason) => `${all.filter((each) => each === reason).length} ${reason}`);
    return `hopeless: 0/${nodes.length} nodes are available: ${counted.sort().join(", ")}.`;
  }

  #candidate(name: string): PlainCandidate | undefined {
    const here = this.#state.pods[name] ?? [];
    const pod = this.#pod;
    if (this.#rejection(name, here)?.isUnresolvable)
      return this.#hopeless(["Preemption is not helpful for scheduling"]);
    const lower = here.filter((each) => each.priority < pod.priority && !(isProduction(pod) && isProduction(each)));
    if (lower.length === 0) return this.#hopeless(NO_VICTIMS);
    const kept = here.filter((each) => !lower.includes(each));
    const rejection = this.#rejectionWithPromised(name, kept);
    if (rejection) return this.#hopeless(rejection);
    const sorted = lower.sort(byImportance);
    const violating = this.#violating(sorted);
    const victims: PodInfo[] = [];
    for (const each of [...violating, ...sorted.filter((other) => !violating.includes(other))]) {
      if (this.#rejectionWithPromised(name, [...kept, each])) victims.push(each);
      else kept.push(each);
    }
    if (victims.length === 0) return this.#hopeless(NO_VICTIMS);
    return { name, victims: victims.sort(byImportance), harm: harmOf(victims, violating) };
  }

  #hopeless(reasons: readonly string[]): undefined {
    this.#reasons.push(...reasons);
  }

  #violating(sorted: readonly PodInfo[]): readonly PodInfo[] {
    const allowed = new Map((this.#state.budgets ?? []).map((budget) => [budget, budget.status.disruptionsAllowed]));
    return sorted.filter(({ labels }) => {
      const matching = [...allowed.keys()].filter(({ spec }) => spec.selector?.matchLabels?.app === labels.app);
      for (const budget of matching) allowed.set(budget, (allowed.get(budget) ?? 0) - 1);
      return matching.some((budget) => (allowed.get(budget) ?? 0) < 0);
    });
  }

  #rejectionWithPromised(name: string, here: readonly PodInfo[]) {
    const { uid, priority } = this.#pod;
    const before = (this.#state.promised ?? [])
      .filter(([other, node]) => node === name && other.priority >= priority && other.uid !== uid)
      .map(([other]) => other);
    return this.#rejection(name, [...here, ...before]) ?? this.#rejection(name, here);
  }

  #rejection(name: string, here: readonly PodInfo[]) {
    const snapshot = snapshotOf({ ...this.#state, promised: [], pods: { ...this.#state.pods, [name]: here } });
    const node = snapshot.node(name) ?? expect.fail();
    return new PodScheduler(snapshot, schedulerPlugins, seededRandom(1)).classOf(this.#pod).rejectionOn(node)?.reasons;
  }
}

const NO_VICTIMS = ["No preemption victims found for incoming pod"];

function harmOf(victims: readonly PodInfo[], violating: readonly PodInfo[]): readonly number[] {
  const highest = Math.max(...victims.map(({ priority }) => priority));
  const sum = victims.reduce((total, { priority }) => total + priority + 2 ** 31, 0);
  const oldest = Math.min(...victims.filter(({ priority }) => priority === highest).map(({ startedMs }) => startedMs));
  return [victims.filter((each) => violating.includes(each)).length, highest, sum, victims.length, -oldest];
}

function byHarm({ harm: a }: PlainCandidate, { harm: b }: PlainCandidate): number {
  const index = a.findIndex((amount, place) => amount !== b[place]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

/** A seat in the cluster: on a node, or only promised. */
const seat = fc.record({ pod: randomPod, node: fc.nat(), isPromised: fc.constantFrom(true, false, false) });

function takeSeat(state: RandomState, planner: TestPlanner, { pod, node, isPromised }: Seat): void {
  const name = `n${node % state.nodes.length}`;
  if (isPromised) {
    state.promised.push([pod, name]);
    planner.snapshot.nominations.set(pod, name);
  } else {
    (state.pods[name] ??= []).push(pod);
    planner.snapshot.addPod(pod, name);
  }
}

interface Seat {
  readonly pod: PodInfo;
  readonly node: number;
  readonly isPromised: boolean;
}

interface RandomState extends TestState {
  readonly pods: Record<string, PodInfo[]>;
  readonly promised: [PodInfo, string][];
}

const stateOf = (nodes: readonly RandomNode[], allowed: number): RandomState => ({
  nodes: nodes.map(({ cpu, zone, isTainted }, index) =>
    nodeOf(`n${index}`, { cpu, labels: zone && { zone }, ...(isTainted && { spec: { taints } }) }),
  ),
  pods: {},
  budgets: [budgetOf("x", allowed)],
  promised: [],
});

describe("preemption in random clusters", () => {
  it("plans as a plain reading of the rules does, as the cluster changes", () => {
    const kinds = fc.array(randomPod, { minLength: 1, maxLength: 3 });
    const seats = fc.array(seat, { minLength: 4, maxLength: 14 });
    const nodes = fc.array(randomNode, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.record({ nodes, kinds, seats, allowed: fc.integer({ min: 0, max: 2 }) }), (random) => {
        const state = stateOf(random.nodes, random.allowed);
        const planner = new TestPlanner(state);
        random.seats.forEach((each, index) => {
          takeSeat(state, planner, { ...each, pod: podFrom(`p${index}`, each.pod) });
          const waiting = random.kinds.map((kind, which) => podFrom(`new-${which}`, kind, 1));
          for (const pod of [...waiting, ...state.promised.map(([promised]) => promised)])
            expect(render(planner.plan(pod))).to.equal(new PlainPlan(pod, state).render());
        });
      }),
      { numRuns: 50 },
    );
  });
});
