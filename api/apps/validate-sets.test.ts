// The rules of stateful sets, daemon sets and controller revisions, and what the server decides when they are written.

import { expect } from "chai";
import { controllerRevisions, type ControllerRevision } from "./controller-revision.ts";
import { daemonSets, type DaemonSet } from "./daemon-set.ts";
import { statefulSets, type StatefulSet } from "./stateful-set.ts";
import type { KubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { storedObject } from "../../testing/stored-object.ts";

const template = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "c", image: "web" }] } };
const spec = { selector: { matchLabels: { app: "a" } }, template };

const statefulSetOf = (more: object = {}, status: object = {}): StatefulSet =>
  storedObject(statefulSets, { spec: { ...spec, serviceName: "web", ...more }, status });
const daemonSetOf = (more: object = {}, status: object = {}): DaemonSet =>
  storedObject(daemonSets, { spec: { ...spec, ...more }, status });
const revisionOf = (fields: object): ControllerRevision => storedObject(controllerRevisions, { ...fields });

function texts<T extends KubeObject>(resource: ResourceDefinition<T>, object: T, old?: T): string[] {
  return (resource.validate?.(object, old) ?? []).map(({ path, message }) => `${path}: ${message}`);
}

type Case = readonly [title: string, spec: object, errors: readonly string[]];

describe("the validation of a stateful set", () => {
  it("accepts the defaults", () => {
    expect(texts(statefulSets, statefulSetOf())).to.deep.equal([]);
  });

  it("accepts mounts of volumes that come from its claims", () => {
    const mounting = { ...template.spec.containers[0], volumeMounts: [{ name: "data", mountPath: "/data" }] };
    const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
    const fields = {
      template: { ...template, spec: { containers: [mounting], hostname: "Not A Label" } },
      volumeClaimTemplates: [{ metadata: { name: "data" }, spec: claim }],
    };
    expect(texts(statefulSets, statefulSetOf(fields))).to.deep.equal([]);
    expect(texts(statefulSets, statefulSetOf({ ...fields, volumeClaimTemplates: [] }))).to.deep.equal([
      'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"',
    ]);
  });

  const cases: readonly Case[] = [
    [
      "an unknown order of starting",
      { podManagementPolicy: "Random" },
      ["spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'"],
    ],
    [
      "numbers for a strategy that has none",
      { updateStrategy: { type: "OnDelete", rollingUpdate: { partition: 1 } } },
      [
        "spec.updateStrategy.rollingUpdate: Invalid value: {\"partition\":1}: only allowed for updateStrategy 'RollingUpdate'",
      ],
    ],
    [
      "an unknown strategy",
      { updateStrategy: { type: "Big" } },
      ["spec.updateStrategy: Invalid value: {\"type\":\"Big\"}: must be 'RollingUpdate' or 'OnDelete'"],
    ],
    [
      "steps that are none",
      { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: -1, maxUnavailable: "0%" } } },
      [
        "spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0",
        'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "0%": cannot be 0',
      ],
    ],
    [
      "an empty selector",
      { selector: {} },
      ["spec.selector: Invalid value: {}: empty selector is invalid for statefulset"],
    ],
    [
      "negative counts",
      { replicas: -1, minReadySeconds: -1, ordinals: { start: -1 } },
      [
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0",
        "spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0",
      ],
    ],
    [
      "an unknown fate of claims",
      { persistentVolumeClaimRetentionPolicy: { whenScaled: "Sell" } },
      [
        'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Sell": supported values: "Retain", "Delete"',
      ],
    ],
    [
      "pods that end",
      { template: { ...template, spec: { ...template.spec, restartPolicy: "Never", activeDeadlineSeconds: 5 } } },
      [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported",
      ],
    ],
  ];
  for (const [title, fields, expected] of cases) {
    it(`refuses ${title}`, () => {
      expect(texts(statefulSets, statefulSetOf(fields))).to.deep.equal(expected);
    });
  }

  it("refuses claims that could not be made, and names that are none, when it is created", () => {
    const fields = { serviceName: "a.b", volumeClaimTemplates: [{ metadata: { name: "data" } }] };
    expect(texts(statefulSets, statefulSetOf(fields))).to.deep.equal([
      'spec.serviceName: Invalid value: "a.b": must not contain dots',
      "spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required",
      "spec.volumeClaimTemplates[0].spec.resources[storage]: Required value",
    ]);
    expect(texts(statefulSets, statefulSetOf(fields), statefulSetOf(fields))).to.deep.equal([]);
  });

  it("lets a template stay that was taken before it was looked at", () => {
    const broken = statefulSetOf({ template: { ...template, spec: { containers: [] } } });
    expect(texts(statefulSets, broken)).to.not.deep.equal([]);
    expect(texts(statefulSets, { ...broken, spec: { ...broken.spec, replicas: 0 } }, broken)).to.deep.equal([]);
  });

  it("lets little be changed later", () => {
    const changed = statefulSetOf({ replicas: 3, minReadySeconds: 1, revisionHistoryLimit: 2, ordinals: { start: 1 } });
    expect(texts(statefulSets, changed, statefulSetOf())).to.deep.equal([]);
    expect(texts(statefulSets, statefulSetOf({ serviceName: "db" }), statefulSetOf())).to.deep.equal([
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ]);
  });

  it("refuses a status whose parts exceed the whole, and one that forgets collisions", () => {
    const status = { replicas: 1, readyReplicas: 2, availableReplicas: 1, collisionCount: 1 };
    expect(texts(statefulSets, statefulSetOf({}, status), statefulSetOf({}, { collisionCount: 2 }))).to.deep.equal([
      "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
      "status.collisionCount: Invalid value: 1: cannot be decremented",
    ]);
  });

  it("asks for a name that pods can have", () => {
    const named = storedObject(statefulSets, { metadata: { name: "a.b" }, spec });
    expect(texts(statefulSets, named)).to.deep.equal(['metadata.name: Invalid value: "a.b": must not contain dots']);
  });
});

describe("the validation of a daemon set", () => {
  it("accepts the defaults", () => {
    expect(texts(daemonSets, daemonSetOf())).to.deep.equal([]);
  });

  const rolling = (rollingUpdate: object) => ({ updateStrategy: { type: "RollingUpdate", rollingUpdate } });
  const ROLLING = "spec.updateStrategy.rollingUpdate";
  const cases: readonly Case[] = [
    [
      "an update that could not move",
      rolling({ maxUnavailable: "0%", maxSurge: 0 }),
      [`${ROLLING}.maxUnavailable: Required value: cannot be 0 when maxSurge is 0`],
    ],
    [
      "an update in both ways",
      rolling({ maxUnavailable: 1, maxSurge: "200%" }),
      [
        `${ROLLING}.maxSurge: Invalid value: "200%": must not be greater than 100%`,
        `${ROLLING}.maxSurge: Invalid value: "200%": may not be set when maxUnavailable is non-zero`,
      ],
    ],
    [
      "an unknown strategy",
      { updateStrategy: { type: "Big" } },
      ['spec.updateStrategy: Unsupported value: {"type":"Big"}: supported values: "RollingUpdate", "OnDelete"'],
    ],
    [
      "an empty selector",
      { selector: {} },
      ["spec.selector: Invalid value: {}: empty selector is invalid for daemonset"],
    ],
    [
      "pods that end",
      { template: { ...template, spec: { ...template.spec, activeDeadlineSeconds: 5 } } },
      ["spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported"],
    ],
    [
      "negative counts",
      { minReadySeconds: -1, revisionHistoryLimit: -1 },
      [
        "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0",
        "spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0",
      ],
    ],
  ];
  for (const [title, fields, expected] of cases) {
    it(`refuses ${title}`, () => {
      expect(texts(daemonSets, daemonSetOf(fields))).to.deep.equal(expected);
    });
  }

  it("keeps the selector", () => {
    const old = daemonSetOf({ selector: { matchLabels: { app: "b" } } });
    expect(texts(daemonSets, daemonSetOf(), old)).to.deep.equal([
      'spec.selector: Invalid value: {"matchLabels":{"app":"a"}}: field is immutable',
    ]);
  });

  it("refuses a negative status", () => {
    expect(texts(daemonSets, daemonSetOf({}, { numberReady: -1 }))).to.deep.equal([
      "status.numberReady: Invalid value: -1: must be greater than or equal to 0",
    ]);
  });
});

describe("a stateful set that is written", () => {
  it("keeps how many pods may be missing, but is given no number unless it says one", () => {
    const written = (rollingUpdate: object) =>
      statefulSets.prepare?.(statefulSetOf({ updateStrategy: { type: "RollingUpdate", rollingUpdate } })).spec
        .updateStrategy.rollingUpdate;
    expect(written({ partition: 1, maxUnavailable: "30%" })).to.deep.equal({ partition: 1, maxUnavailable: "30%" });
    expect(written({ partition: 1 })).to.deep.equal({ partition: 1 });
  });
});

describe("a daemon set that is written", () => {
  const generationOf = (object: DaemonSet | undefined) => [
    object?.metadata.generation,
    object?.metadata.annotations?.["deprecated.daemonset.template.generation"],
  ];
  const created = daemonSets.prepare?.(daemonSetOf());

  it("counts the versions of its template in an annotation, as older clients expect", () => {
    expect(generationOf(created)).to.deep.equal([1, "1"]);
    expect(generationOf(daemonSets.prepare?.(daemonSetOf({ minReadySeconds: 5 }), created))).to.deep.equal([2, "1"]);
    const other = { ...template, spec: { containers: [{ name: "c", image: "other" }] } };
    expect(generationOf(daemonSets.prepare?.(daemonSetOf({ template: other }), created))).to.deep.equal([2, "2"]);
  });

  it("has a status of zeros at first, and keeps the count when the status is written", () => {
    expect(created?.status).to.include({ desiredNumberScheduled: 0, numberReady: 0 });
    const old = created ?? daemonSetOf();
    const next = daemonSets.prepareStatus?.(daemonSetOf({}, { numberReady: 1 }), old, "2020-01-01T00:00:00Z");
    expect(generationOf(next)).to.deep.equal([1, "1"]);
    expect(next?.status.numberReady).to.equal(1);
  });
});

describe("the validation of a controller revision", () => {
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ["accepts an object", { data: { spec: {} }, revision: 1 }, []],
    ["asks for data", { revision: 1 }, ["data: Required value: data is mandatory"]],
    ["asks for an object", { data: [1], revision: 1 }, ["data: Required value: data must be a valid JSON object"]],
    [
      "refuses a negative number",
      { data: {}, revision: -1 },
      ["revision: Invalid value: -1: must be greater than or equal to 0"],
    ],
  ];
  for (const [title, fields, expected] of cases) {
    it(title, () => {
      expect(texts(controllerRevisions, revisionOf(fields))).to.deep.equal(expected);
    });
  }

  it("keeps the data", () => {
    const old = revisionOf({ data: { a: 1 }, revision: 1 });
    expect(texts(controllerRevisions, revisionOf({ data: { a: 1 }, revision: 2 }), old)).to.deep.equal([]);
    expect(texts(controllerRevisions, revisionOf({ data: { a: 2 }, revision: 1 }), old)).to.deep.equal([
      'data: Invalid value: {"a":2}: field is immutable',
    ]);
  });
});

describe("the columns of these kinds", () => {
  function row<T extends KubeObject>(resource: ResourceDefinition<T>, object: T): string {
    return resource.columns.map((column) => column.cell(object, 60_000)).join(" | ");
  }

  it("are those of kubectl", () => {
    const namesOf = (resource: ResourceDefinition<never>) => resource.columns.map(({ name }) => name).join(", ");
    expect(namesOf(statefulSets as never)).to.equal("Name, Ready, Age, Containers, Images");
    expect(namesOf(daemonSets as never)).to.equal(
      "Name, Desired, Current, Ready, Up-to-date, Available, Node Selector, Age, Containers, Images, Selector",
    );
    expect(namesOf(controllerRevisions as never)).to.equal("Name, Controller, Revision, Age");
  });

  it("show what is there", () => {
    const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "u", controller: true };
    const revision = storedObject(controllerRevisions, { metadata: { ownerReferences: [owner] }, revision: 3 });
    expect(row(controllerRevisions, revision)).to.equal("test | statefulset.apps/web | 3 | 60s");
    expect(row(statefulSets, statefulSetOf({ replicas: 2 }, { readyReplicas: 1 }))).to.equal(
      "test | 1/2 | 60s | c | web",
    );
    expect(row(daemonSets, daemonSetOf({}, { numberReady: 1 }))).to.equal(
      "test | 0 | 0 | 1 | 0 | 0 | <none> | 60s | c | web | app=a",
    );
  });
});
