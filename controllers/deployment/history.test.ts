import { expect } from "chai";
import { deployments, type Deployment } from "../../api/apps/deployment.ts";
import { replicaSets, type ReplicaSet } from "../../api/apps/replica-set.ts";
import { storedObject } from "../../testing/stored-object.ts";
import {
  currentAnnotations,
  nextRevision,
  planCleanup,
  readHistory,
  revisionOf,
  sameTemplate,
  sizeAnnotations,
} from "./history.ts";

const REVISION = "deployment.kubernetes.io/revision";
const HISTORY = "deployment.kubernetes.io/revision-history";

const template = (image: string, labels = {}) => ({
  metadata: { labels: { app: "web", ...labels } },
  spec: { containers: [{ name: "main", image, resources: {} }] },
});
const deployment = (spec: object = {}, annotations = {}): Deployment =>
  storedObject(deployments, { metadata: { name: "web", annotations }, spec: { template: template("app:1"), ...spec } });
const set = (
  name: string,
  more: {
    image?: string;
    annotations?: object;
    created?: string;
    spec?: object;
    status?: object;
    metadata?: object;
  } = {},
): ReplicaSet =>
  storedObject(replicaSets, {
    metadata: {
      name,
      uid: name,
      creationTimestamp: more.created ?? "2026-01-01T00:00:00Z",
      annotations: more.annotations,
      ...more.metadata,
    },
    spec: { replicas: 0, template: template(more.image ?? "app:1", { "pod-template-hash": name }), ...more.spec },
    status: more.status ?? {},
  });

describe("a Deployment's history", () => {
  it("finds the ReplicaSet of the current template, whatever its hash", () => {
    const old = set("a", { image: "app:0" });
    const current = set("b");
    expect(readHistory(deployment(), [current, old])).to.deep.equal({ current, old: [old] });
  });

  it("takes the oldest of several equal ones", () => {
    const [late, early] = [set("a", { created: "2026-01-02T00:00:00Z" }), set("b")];
    expect(readHistory(deployment(), [late, early])).to.deep.equal({ current: early, old: [late] });
  });

  it("has no current one while the template is new", () => {
    expect(readHistory(deployment(), [set("a", { image: "app:0" })]).current).to.equal(undefined);
  });

  it("compares templates but for the hash", () => {
    expect(sameTemplate(template("app:1", { "pod-template-hash": "x" }), template("app:1"))).to.equal(true);
    expect(sameTemplate(template("app:1", { tier: "x" }), template("app:1"))).to.equal(false);
  });
});

describe("revisions", () => {
  it("are numbered after the highest old one; what is no number counts as none", () => {
    const old = ["2", "x", "7"].map((revision) => set(revision, { annotations: { [REVISION]: revision } }));
    expect(nextRevision({ old })).to.equal(8n);
    expect(nextRevision({ old: [] })).to.equal(1n);
    expect(revisionOf(set("a"))).to.equal(0n);
  });

  it("are exact however large, as long as they fit into 64 bits", () => {
    const numbered = (revision: string) => set("a", { annotations: { [REVISION]: revision } });
    expect(nextRevision({ old: [numbered("3546343826724305832")] })).to.equal(3546343826724305833n);
    expect(revisionOf(numbered("9223372036854775808"))).to.equal(0n);
    expect(revisionOf(numbered("1.5"))).to.equal(0n);
  });

  const table: [string, object, bigint, object][] = [
    ["a ReplicaSet without one", {}, 3n, { [REVISION]: "3" }],
    ["the one that is newest anyway", { [REVISION]: "3" }, 2n, { [REVISION]: "3" }],
    ["one that is rolled back to", { [REVISION]: "1" }, 3n, { [REVISION]: "3", [HISTORY]: "1" }],
    ["one whose own cannot be read", { [REVISION]: "x" }, 3n, { [REVISION]: "x" }],
    ["one rolled back to again", { [REVISION]: "3", [HISTORY]: "1" }, 5n, { [REVISION]: "5", [HISTORY]: "1,3" }],
  ];
  for (const [what, before, revision, after] of table) {
    it(`are kept on ${what}`, () => {
      expect(currentAnnotations(deployment(), revision, set("a", { annotations: before }))).to.deep.equal(after);
    });
  }

  it("keep a history of no more than two thousand characters", () => {
    const annotations = { [REVISION]: "1000", [HISTORY]: Array.from({ length: 500 }, (_, i) => 500 + i).join() };
    const history = currentAnnotations(deployment(), 1001n, set("a", { annotations }))[HISTORY] ?? "";
    expect(history.length).to.be.at.most(2000);
    expect(history.endsWith(",999,1000")).to.equal(true);
  });
});

describe("annotations of a ReplicaSet", () => {
  it("are the Deployment's, but for those that mean something else there", () => {
    const own = {
      team: "a",
      "kubectl.kubernetes.io/last-applied-configuration": "{}",
      [REVISION]: "9",
      [HISTORY]: "1",
    };
    expect(currentAnnotations(deployment({}, own), 1n)).to.deep.equal({ team: "a", [REVISION]: "1" });
  });

  it("tell the size that the Deployment had", () => {
    expect(sizeAnnotations(deployment({ replicas: 10 }), 3)).to.deep.equal({
      "deployment.kubernetes.io/desired-replicas": "10",
      "deployment.kubernetes.io/max-replicas": "13",
    });
  });
});

describe("the clean-up of old ReplicaSets", () => {
  const revision = (number: number, more: object = {}) =>
    set(`r${number}`, { annotations: { [REVISION]: String(number) }, ...more });
  const names = (limit: number | undefined, old: readonly ReplicaSet[]) =>
    planCleanup(deployment({ revisionHistoryLimit: limit }), old).map(({ metadata }) => metadata.name);

  it("removes the lowest revisions beyond the limit", () => {
    expect(
      names(
        2,
        [3, 1, 4, 2].map((number) => revision(number)),
      ),
    ).to.deep.equal(["r1", "r2"]);
    expect(names(0, [revision(1)])).to.deep.equal(["r1"]);
    expect(names(2, [revision(1), revision(2)])).to.deep.equal([]);
  });

  it("spares those with pods, those not yet seen to be empty, and those that go already", () => {
    const busy = [
      revision(1, { spec: { replicas: 1, template: template("x") } }),
      revision(2, { status: { replicas: 1 } }),
      revision(3, { metadata: { generation: 2 }, status: { observedGeneration: 1 } }),
      revision(4, { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }),
    ];
    expect(names(0, busy)).to.deep.equal([]);
  });
});
