import { expect } from "chai";
import { deployments, type Deployment } from "./deployment.ts";
import { validateDeployment } from "./validate-workload.ts";
import { storedObject } from "../../testing/stored-object.ts";

const template = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "c", image: "web" }] } };
const deploymentOf = (spec: object, more: object = {}): Deployment =>
  storedObject(deployments, { spec: { selector: { matchLabels: { app: "a" } }, template, ...spec }, ...more });
const texts = (deployment: Deployment, old?: Deployment) =>
  validateDeployment(deployment, old).map(({ path, message }) => `${path}: ${message}`);
const rolling = (rollingUpdate: object) => ({ strategy: { type: "RollingUpdate", rollingUpdate } });
const ROLLING = "spec.strategy.rollingUpdate";

describe("the validation of a deployment", () => {
  it("accepts the defaults", () => {
    expect(texts(deploymentOf({}))).to.deep.equal([]);
  });

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "a selector that misses its own pods",
      { selector: { matchLabels: { app: "b" } } },
      ['spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`'],
    ],
    [
      "an empty selector",
      { selector: {} },
      ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"],
    ],
    [
      "a selector without values",
      { selector: { matchExpressions: [{ key: "app", operator: "In" }] } },
      [
        "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      ],
    ],
    [
      "an update that could not move",
      rolling({ maxSurge: 0, maxUnavailable: "0%" }),
      [`${ROLLING}.maxUnavailable: Invalid value: "0%": may not be 0 when \`maxSurge\` is 0`],
    ],
    [
      "amounts that are none",
      rolling({ maxSurge: "a lot", maxUnavailable: "101%" }),
      [
        `${ROLLING}.maxSurge: Invalid value: "a lot": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
        `${ROLLING}.maxUnavailable: Invalid value: "101%": must not be greater than 100%`,
      ],
    ],
    [
      "numbers for a strategy that has none",
      { strategy: { type: "Recreate", rollingUpdate: {} } },
      [`${ROLLING}: Forbidden: may not be specified when strategy \`type\` is 'Recreate'`],
    ],
    [
      "negative counts",
      { replicas: -1, revisionHistoryLimit: -1 },
      [
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        "spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0",
      ],
    ],
    [
      "a deadline before pods can be available",
      { minReadySeconds: 600 },
      ["spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds"],
    ],
    [
      "pods that are not kept running",
      { template: { ...template, spec: { ...template.spec, restartPolicy: "Never", activeDeadlineSeconds: 5 } } },
      [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported",
      ],
    ],
  ];
  for (const [title, spec, expected] of cases) {
    it(`refuses ${title}`, () => {
      expect(texts(deploymentOf(spec))).to.deep.equal(expected);
    });
  }

  it("keeps the selector", () => {
    const matchLabels = { app: "a" };
    const old = deploymentOf({ selector: { matchLabels: { ...matchLabels, tier: "x" } } });
    expect(texts(deploymentOf({}), old)).to.deep.equal([
      'spec.selector: Invalid value: {"matchLabels":{"app":"a"}}: field is immutable',
    ]);
  });

  it("refuses a status whose parts exceed the whole", () => {
    const status = { replicas: 1, readyReplicas: 2, availableReplicas: 3 };
    expect(texts(deploymentOf({}, { status }))).to.deep.equal([
      "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
      "status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas",
      "status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas",
    ]);
  });
});
