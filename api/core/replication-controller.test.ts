import { expect } from "chai";
import { podTemplates } from "./pod-template-object.ts";
import { replicationControllers, type ReplicationController } from "./replication-controller.ts";
import { storedObject } from "../../testing/stored-object.ts";

const podSpec = {
  containers: [{ name: "c", image: "i", terminationMessagePolicy: "File", imagePullPolicy: "Always" }],
};
const template = { metadata: { labels: { app: "a" } }, spec: podSpec };
const controllerOf = (spec: object, rest: object = {}): ReplicationController =>
  storedObject(replicationControllers, { spec, ...rest });
const errorsOf = (controller: ReplicationController) =>
  (replicationControllers.validate?.(controller) ?? []).map(({ path, message }) => `${path}: ${message}`);

describe("a replication controller", () => {
  it("takes its selector and its labels from the template, and one pod, unless it says so", () => {
    const { spec, metadata } = controllerOf({ template });
    expect(spec).to.deep.include({ selector: { app: "a" }, replicas: 1 });
    expect(metadata.labels).to.deep.equal({ app: "a" });
    const own = controllerOf({ template, selector: { b: "c" }, replicas: 0 }, { metadata: { labels: { d: "e" } } });
    expect(own.spec).to.deep.include({ selector: { b: "c" }, replicas: 0 });
    expect(own.metadata.labels).to.deep.equal({ d: "e" });
  });

  const cases: readonly (readonly [string, object, object, readonly string[]])[] = [
    ["is valid with a template", { template }, {}, []],
    [
      "needs pods to look for, and a template",
      {},
      {},
      ["spec.selector: Required value", "spec.template: Required value"],
    ],
    [
      "has a template that its selector finds, of pods that do not end",
      {
        selector: { b: "c" },
        template: { ...template, spec: { ...podSpec, restartPolicy: "Never", activeDeadlineSeconds: 1 } },
      },
      {},
      [
        'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported",
      ],
    ],
    [
      "wants no less than no pods, and no more in a part than in the whole",
      { template, replicas: -1, minReadySeconds: -1 },
      { status: { replicas: 1, readyReplicas: 2, availableReplicas: 3 } },
      [
        "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0",
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
        "status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas",
        "status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas",
      ],
    ],
  ];
  for (const [title, spec, rest, errors] of cases) {
    it(title, () => {
      expect(errorsOf(controllerOf(spec, rest))).to.deep.equal(errors);
    });
  }

  it("begins without pods, and counts changes of its spec", () => {
    const old = controllerOf({ template }, { metadata: { generation: 1 }, status: { replicas: 3 } });
    expect(replicationControllers.prepare?.(old).status).to.deep.equal({ replicas: 0 });
    const next = replicationControllers.prepare?.(controllerOf({ template, replicas: 2 }), old);
    expect(next?.metadata.generation).to.equal(2);
    expect(next?.status).to.equal(old.status);
  });
});

describe("a pod template that is stored", () => {
  it("is checked as those within other objects", () => {
    const object = storedObject(podTemplates, {
      template: { metadata: { labels: { "a b": "" } }, spec: { containers: [] } },
    });
    const paths = podTemplates.validate?.(object).map(({ path }) => path);
    expect(paths).to.deep.equal(["template.labels", "template.spec.containers"]);
  });

  it("counts its changes", () => {
    const old = podTemplates.prepare?.(storedObject(podTemplates, { template }));
    expect(old?.metadata.generation).to.equal(1);
    const next = storedObject(podTemplates, { template: { ...template, metadata: {} } });
    expect(podTemplates.prepare?.(next, old).metadata.generation).to.equal(2);
  });
});
