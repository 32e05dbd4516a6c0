import { expect } from "chai";
import fc from "fast-check";
import { pods, type Pod } from "../../api/core/pod.ts";
import { STARTS_AFTER, type DependencyKind } from "../../api/start-order/dependencies.ts";
import { asStored } from "../../testing/builders.ts";
import { storedObject } from "../../testing/stored-object.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { findPath, reach } from "./find-path.ts";
import { problemOf } from "./judge-dependency.ts";
import { formatStartedWith, isRestarted, parseStartedWith, readyMarks } from "./plan-restart.ts";
import { planStop, type StopFacts } from "./plan-stop.ts";
import { planTakeDown } from "./plan-take-down.ts";

describe("what others start after", () => {
  const object = (spec: object | undefined, status: object | undefined, metadata: object = {}): KubeObject => ({
    ...asStored<KubeObject>({ metadata: { name: "x" } }, { generation: 2, ...metadata }),
    ...{ spec, status },
  });
  const seen = { observedGeneration: 2 };
  const available = { conditions: [{ type: "Available", status: "True" }] };
  const some = { pods: 1, endpoints: 1 };
  const none = { pods: 0, endpoints: 0 };
  type Row = [kind: DependencyKind, spec: object | undefined, status: object | undefined, ready: typeof some];
  const table: [title: string, row: Row, problem: string | undefined][] = [
    [
      "a deployment with all its replicas",
      ["deployment", { replicas: 2 }, { ...seen, ...available, availableReplicas: 2 }, some],
      undefined,
    ],
    [
      "a deployment that is available with fewer",
      ["deployment", { replicas: 2 }, { ...seen, ...available, availableReplicas: 1 }, some],
      "is not ready",
    ],
    [
      "a deployment that is not available",
      ["deployment", { replicas: 1 }, { ...seen, availableReplicas: 1 }, some],
      "is not ready",
    ],
    [
      "a deployment as it was before a change",
      ["deployment", {}, { ...available, observedGeneration: 1, availableReplicas: 1 }, some],
      "is not ready",
    ],
    [
      "a deployment whose pods are not seen yet",
      ["deployment", {}, { ...seen, ...available, availableReplicas: 1 }, none],
      "is not ready",
    ],
    [
      "a deployment that wants none",
      ["deployment", { replicas: 0 }, { ...seen, ...available }, none],
      "is scaled to 0",
    ],
    ["a deployment without anything", ["deployment", undefined, undefined, none], "is not ready"],
    [
      "a stateful set with all its replicas",
      ["statefulset", { replicas: 2 }, { ...seen, readyReplicas: 3 }, some],
      undefined,
    ],
    [
      "a stateful set without one",
      ["statefulset", { replicas: 2 }, { ...seen, readyReplicas: 1 }, some],
      "is not ready",
    ],
    ["a stateful set that wants none", ["statefulset", { replicas: 0 }, seen, none], "is scaled to 0"],
    ["a stateful set without anything", ["statefulset", undefined, undefined, none], "is not ready"],
    [
      "a daemon set on all its nodes",
      ["daemonset", {}, { ...seen, desiredNumberScheduled: 2, numberReady: 2 }, some],
      undefined,
    ],
    [
      "a daemon set that misses a node",
      ["daemonset", {}, { ...seen, desiredNumberScheduled: 2, numberReady: 1 }, some],
      "is not ready",
    ],
    [
      "a daemon set without nodes",
      ["daemonset", {}, { ...seen, desiredNumberScheduled: 0 }, none],
      "has no node to run on",
    ],
    ["a daemon set without anything", ["daemonset", undefined, undefined, none], "is not ready"],
    ["a job that is complete", ["job", {}, { conditions: [{ type: "Complete", status: "True" }] }, none], undefined],
    ["a job that has failed", ["job", {}, { conditions: [{ type: "Failed", status: "True" }] }, none], "has failed"],
    ["a job that runs", ["job", {}, { active: 1 }, some], "has not completed"],
    ["a service with an endpoint", ["service", {}, {}, { pods: 0, endpoints: 1 }], undefined],
    ["a service without", ["service", {}, {}, { pods: 1, endpoints: 0 }], "has no ready endpoint"],
    ["a service elsewhere", ["service", { type: "ExternalName" }, {}, none], undefined],
    ["a pod that is ready", ["pod", {}, {}, some], undefined],
    ["a pod that is not", ["pod", {}, {}, none], "is not ready"],
  ];
  for (const [title, [kind, spec, status, ready], problem] of table) {
    it(`${problem ?? "is ready"}: ${title}`, () => {
      expect(problemOf(kind, object(spec, status), ready)).to.equal(problem);
    });
  }

  it("is not ready where it is missing, or on its way out", () => {
    expect(problemOf("job", undefined, none)).to.equal("does not exist");
    const going = object(
      {},
      { conditions: [{ type: "Complete", status: "True" }] },
      { deletionTimestamp: "2026-01-01T00:00:00Z" },
    );
    expect(problemOf("job", going, none)).to.equal("is being deleted");
  });

  const facts = (given: Partial<StopFacts>): StopFacts => ({
    isOrphaning: false,
    deletedMs: 0,
    leaving: 0,
    staying: 0,
    ...given,
  });
  const stops: [title: string, given: Partial<StopFacts>, plan: object][] = [
    ["stops at once alone", {}, { action: "stop", leavesBehind: false }],
    ["stops at once when its pods stay", { isOrphaning: true, leaving: 2 }, { action: "stop", leavesBehind: false }],
    ["waits for those that leave", { leaving: 1, deletedMs: 60_000 }, { action: "wait" }],
    ["gives the others time to leave", { staying: 1, deletedMs: 1_000 }, { action: "wait", afterMs: 4_000 }],
    ["gives them time while some leave", { leaving: 1, staying: 1 }, { action: "wait", afterMs: 5_000 }],
    ["waits for the former when the time is over", { leaving: 1, staying: 1, deletedMs: 5_000 }, { action: "wait" }],
    ["leaves those behind that stay", { staying: 1, deletedMs: 5_000 }, { action: "stop", leavesBehind: true }],
  ];
  for (const [title, given, plan] of stops) {
    it(title, () => {
      expect(planStop(facts(given))).to.deep.equal(plan);
    });
  }
});

describe("the marks of pods that are ready", () => {
  const pod = (uid: string, status: string, since: string): Pod =>
    storedObject(pods, {
      metadata: { uid },
      status: { conditions: [{ type: "Ready", status, lastTransitionTime: since }] },
    });
  const [early, late] = ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"];

  it("begin with those that have been so for longest, and leave out the others", () => {
    const ready = pod("d", "True", early);
    const going = { ...ready, metadata: { ...ready.metadata, deletionTimestamp: late } };
    const all = [pod("a", "True", late), pod("b", "True", early), pod("c", "False", early), going];
    expect(readyMarks(all)).to.deep.equal([`b@${early}`, `a@${late}`]);
  });

  it("can be written and read, ten of each", () => {
    const many = Array.from({ length: 20 }, (_, index) => `p${index}`);
    expect(parseStartedWith(formatStartedWith({ "sts/db": many }))).to.deep.equal({ "sts/db": many.slice(0, 10) });
  });

  it("name nothing where somebody has spoiled them", () => {
    for (const text of ["", "{", "null", "7", '{"a":7}', '{"a":[7]}', "[]"]) {
      expect(parseStartedWith(text), text).to.deep.equal({});
    }
  });

  const table: [then: string[], now: string[], expected: boolean][] = [
    [["a"], ["a"], false],
    [["a", "b"], ["b", "c"], false],
    [["a"], ["b"], true],
    [["a"], [], false],
    [[], ["b"], false],
  ];
  for (const [then, now, expected] of table) {
    it(`${expected ? "tell" : "do not tell"} of a restart between ${then.join() || "none"} and ${now.join() || "none"}`, () => {
      expect(isRestarted(then, now)).to.equal(expected);
    });
  }
});

describe("ways through a graph", () => {
  const edges: Readonly<Record<string, readonly string[]>> = { a: ["b", "c"], b: ["d"], c: ["d"], d: ["a"] };
  const edgesOf = (node: string) => edges[node] ?? [];

  it("are as short as can be", () => {
    expect(findPath(["a"], edgesOf, new Set(["d"]))).to.deep.equal(["a", "b", "d"]);
    expect(findPath(["d"], edgesOf, new Set(["d", "a"]))).to.deep.equal(["d"]);
    expect(findPath(["a"], edgesOf, new Set(["x"]))).to.equal(undefined);
    expect(findPath([], edgesOf, new Set(["x"]))).to.equal(undefined);
  });

  it("reach what they can, circles or not", () => {
    expect([...reach(["b"], edgesOf)].sort()).to.deep.equal(["a", "b", "c", "d"]);
    expect([...reach(["x"], edgesOf)]).to.deep.equal(["x"]);
  });
});

describe("the pods of a namespace that is emptied", () => {
  const pod = (name: string, after: readonly string[]): Pod =>
    storedObject(pods, {
      metadata: { name, annotations: { [STARTS_AFTER]: after.map((each) => `pod/${each}`).join() } },
    });
  const graphOf = (all: readonly Pod[], edges: Readonly<Record<string, readonly string[]>>) => ({
    identitiesOf: ({ metadata }: Pod) => [`pod/${metadata.name}`],
    edgesOf: (id: string) =>
      all.some(({ metadata }) => `pod/${metadata.name}` === id)
        ? (edges[id.slice(4)] ?? []).map((each) => `pod/${each}`)
        : [],
  });

  it("all go in the end, whoever starts after whom, and never before those that start after them", () => {
    const names = ["a", "b", "c", "d", "e"];
    const arbitraryEdges = fc.record(Object.fromEntries(names.map((name) => [name, fc.subarray(names)])));
    fc.assert(
      fc.property(arbitraryEdges, (edges) => {
        let left = names.map((name) => pod(name, edges[name] ?? []));
        const all = left;
        const before = (name: string) => reach([`pod/${name}`], graphOf(all, edges).edgesOf);
        while (left.length > 0) {
          const first = planTakeDown(left, graphOf(left, edges));
          expect(first).not.to.deep.equal([]);
          const stay = left.filter((each) => !first.includes(each));
          for (const gone of first) {
            const dependents = stay.filter(({ metadata }) => (edges[metadata.name] ?? []).includes(gone.metadata.name));
            for (const { metadata } of dependents) {
              expect(
                before(gone.metadata.name).has(`pod/${metadata.name}`),
                `${metadata.name} is in a circle`,
              ).to.equal(true);
            }
          }
          left = stay;
        }
      }),
    );
  });

  it("go at once where there is no order", () => {
    const all = [pod("a", []), pod("b", [])];
    expect(planTakeDown(all, graphOf(all, {}))).to.equal(all);
  });
});
