import { expect } from "chai";
import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import { seededRandom } from "../../lib/random.ts";
import { asStored, newNode, newPod } from "../../testing/builders.ts";
import { buildProfile } from "../configuration/build-profile.ts";
import { defaultConfiguration } from "../configuration/parse-configuration.ts";
import { PodInfo } from "../pod-info.ts";
import { Snapshot } from "../snapshot.ts";
import { endIfStarted, endOf } from "./endings.ts";
import { KeptRooms, type Place } from "./kept-rooms.ts";
import { UnitPlanner } from "./unit-planner.ts";

type PodOptions = Parameters<typeof newPod>[1];
const pod = (name: string, options: PodOptions = {}, metadata: object = {}) =>
  new PodInfo(asStored<Pod>(newPod(name, { cpu: "1", ...options }), metadata));

function clusterOf(...cpus: string[]): Snapshot {
  const snapshot = new Snapshot();
  cpus.forEach((cpu, index) => snapshot.setNode(asStored<Node>(newNode(`n${index}`, { cpu }))));
  return snapshot;
}

describe("the end of a pod", () => {
  const started = { status: { startTime: "1970-01-01T00:01:00Z" } };
  const cases: readonly (readonly [string, PodInfo, number | undefined])[] = [
    ["of a service never comes", pod("a"), undefined],
    ["of a job comes some day", pod("a", { spec: { restartPolicy: "OnFailure" } }), Infinity],
    ["is its deadline and its grace period", pod("a", { ...started, spec: { activeDeadlineSeconds: 100 } }), 190_000],
    [
      "counts from now where it has not started",
      pod("a", { spec: { activeDeadlineSeconds: 100, terminationGracePeriodSeconds: 0 } }),
      101_000,
    ],
    ["is known where it is being deleted", pod("a", {}, { deletionTimestamp: "1970-01-01T00:00:09Z" }), 9000],
    [
      "never comes for what each node has of its own",
      pod("a", {}, { ownerReferences: [{ kind: "DaemonSet", name: "d", uid: "u", controller: true }] }),
      undefined,
    ],
  ];
  for (const [title, each, expected] of cases) {
    it(title, () => {
      expect(endOf(each, 1000)).to.equal(expected);
    });
  }

  it("of a pod that is yet to start is known by its deadline alone", () => {
    expect(endIfStarted(pod("a", { spec: { restartPolicy: "Never" } }), 0)).to.equal(Infinity);
    expect(endIfStarted(pod("a", { spec: { activeDeadlineSeconds: 10 } }), 5000)).to.equal(45_000);
  });
});

describe("room that is kept", () => {
  const nowMs = 0;
  const kept = (startMs: number | undefined, ...places: Place[]) => ({
    unit: "g",
    uids: new Set(places.map(({ pod: { uid } }) => uid)),
    priority: 5,
    places,
    startMs,
  });
  const deadline = (seconds: number) => ({ activeDeadlineSeconds: seconds, terminationGracePeriodSeconds: 0 });

  const cases: readonly (readonly [string, PodInfo, boolean])[] = [
    ["shows to other pods", pod("other"), true],
    ["shows to pods of the same priority", pod("other", { spec: { priority: 5 } }), true],
    ["does not show to pods of a higher priority", pod("other", { spec: { priority: 6 } }), false],
    ["does not show to those that it is kept for", pod("member"), false],
    ["does not show to pods that have ended by then", pod("other", { spec: deadline(100) }), false],
    ["shows to pods that have not", pod("other", { spec: deadline(101) }), true],
  ];
  for (const [title, asking, isSeen] of cases) {
    it(title, () => {
      const snapshot = clusterOf("4");
      const rooms = new KeptRooms(snapshot);
      rooms.keep(kept(100_000, { pod: pod("member"), node: "n0" }));
      rooms.arrange([asking], nowMs);
      expect([...snapshot.podsOn("n0")]).to.have.lengthOf(isSeen ? 1 : 0);
      expect(rooms.isHeededBy(asking, nowMs)).to.equal(isSeen);
    });
  }

  it("leaves nothing behind, and does not touch the pod itself", () => {
    const snapshot = clusterOf("4");
    const rooms = new KeptRooms(snapshot);
    const member = pod("member");
    rooms.keep(kept(undefined, { pod: member, node: "n0" }));
    rooms.arrange([pod("other", { spec: deadline(1) })], nowMs);
    snapshot.addPod(member, "n0");
    rooms.drop("g");
    expect([...snapshot.podsOn("n0")]).to.deep.equal([member]);
    expect([rooms.isEmpty, rooms.ofPod(member.uid)]).to.deep.equal([true, undefined]);
  });
});

describe("asking where pods would go if others had left", () => {
  const profile = buildProfile(defaultConfiguration().profiles[0] ?? expect.fail("there is a profile"));
  const plannerFor = (snapshot: Snapshot) =>
    new UnitPlanner({ snapshot, random: seededRandom(1), profileOf: () => profile });

  /** One pod of one core on each of the given nodes, in this order. */
  function fill(snapshot: Snapshot, nodes: readonly string[]): Place[][] {
    return nodes.map((node, index) => {
      const place = { pod: pod(`old-${index}`), node };
      snapshot.addPod(place.pod, node);
      return [place];
    });
  }

  const unit = (count: number, options: PodOptions = {}) =>
    Array.from({ length: count }, (_, index) => pod(`new-${index}`, options));

  const cases: readonly (readonly [string, number, readonly number[] | undefined])[] = [
    ["nobody has to leave where there is room", 1, []],
    ["as few as it takes leave, the first ones first", 3, [0, 1]],
    ["all leave if need be", 9, [0, 1, 2, 3, 4, 5, 6, 7]],
    ["nothing helps those that are too many", 10, undefined],
  ];
  for (const [title, count, leaving] of cases) {
    it(title, () => {
      const snapshot = clusterOf("5", "4");
      const groups = fill(snapshot, ["n0", "n0", "n0", "n0", "n1", "n1", "n1", "n1"]);
      const plan = plannerFor(snapshot).plan(unit(count), groups);
      expect(plan?.leaving).to.deep.equal(leaving);
      if (plan) expect(plan.places).to.have.lengthOf(count);
      expect([...snapshot.podsOn("n0"), ...snapshot.podsOn("n1")]).to.have.lengthOf(8);
    });
  }

  it("lets those stay that are in nobody's way", () => {
    const snapshot = clusterOf("2", "2");
    const groups = fill(snapshot, ["n0", "n1", "n1"]);
    const plan = plannerFor(snapshot).planSparing(unit(1, { cpu: "2" }), groups);
    expect(plan?.leaving).to.deep.equal([0]);
    const late = plannerFor(snapshot).planSparing(unit(1, { cpu: "2" }), [groups[1] ?? [], groups[0] ?? []]);
    expect(late?.leaving).to.deep.equal([1]);
  });
});
