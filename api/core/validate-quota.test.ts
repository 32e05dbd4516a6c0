import { expect } from "chai";
import { resourceQuotas, type ResourceQuota } from "./resource-quota.ts";
import { storedObject } from "../../testing/stored-object.ts";

const quotaOf = (spec: object, status: object = {}): ResourceQuota => storedObject(resourceQuotas, { spec, status });
const errorsOf = (quota: ResourceQuota, old?: ResourceQuota) =>
  (resourceQuotas.validate?.(quota, old) ?? []).map(({ path, message }) => `${path}: ${message}`);
const CONFLICT = 'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes';
const EXPRESSIONS = "spec.scopeSelector.matchExpressions";

describe("the validation of a resource quota", () => {
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "accepts resources, counts of objects, and devices",
      { hard: { "requests.cpu": "1", pods: "4", "count/jobs.batch": "2", "requests.example.com/gpu": "1" } },
      [],
    ],
    [
      "accepts classes of priority",
      {
        hard: { pods: "1" },
        scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["a"] }] },
      },
      [],
    ],
    [
      "refuses unknown resources, and parts of objects",
      { hard: { gpus: "1", pods: "500m", cpu: "-1", storage: "1" } },
      [
        'spec.hard[gpus]: Invalid value: "gpus": must be a standard resource type or fully qualified',
        'spec.hard[gpus]: Invalid value: "gpus": must be a standard resource for quota',
        'spec.hard[pods]: Invalid value: "500m": must be an integer',
        'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota',
      ],
    ],
    [
      "refuses scopes that are none, and those that exclude each other",
      { hard: { pods: "1" }, scopes: ["BestEffort", "NotBestEffort"] },
      [CONFLICT],
    ],
    [
      "refuses scopes that do not fit the resources",
      { hard: { cpu: "1", services: "1", "count/pods": "1" }, scopes: ["BestEffort"] },
      [
        'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
        'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
      ],
    ],
    [
      "refuses conditions that make no sense",
      {
        scopeSelector: {
          matchExpressions: [
            { scopeName: "Terminating", operator: "In" },
            { scopeName: "Sometimes", operator: "Is" },
            { scopeName: "PriorityClass", operator: "Exists", values: ["a"] },
          ],
        },
      },
      [
        `${EXPRESSIONS}.operator: Invalid value: "In": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
        `${EXPRESSIONS}.values: Required value: must be at least one value when \`operator\` is 'In' or 'NotIn' for scope selector`,
        `${EXPRESSIONS}.scopeName: Invalid value: "Sometimes": unsupported scope`,
        `${EXPRESSIONS}.operator: Invalid value: "Is": not a valid selector operator`,
        `${EXPRESSIONS}.values: Invalid value: ["a"]: must be no value when \`operator\` is 'Exist' or 'DoesNotExist' for scope selector`,
      ],
    ],
  ];
  for (const [title, spec, errors] of cases) {
    it(title, () => {
      expect(errorsOf(quotaOf(spec))).to.deep.equal(errors);
    });
  }

  it("looks at the status too", () => {
    expect(errorsOf(quotaOf({}, { hard: { pods: "1" }, used: { a: "1" } }))).to.have.lengthOf(2);
  });

  it("keeps the scopes, in any order", () => {
    const [one, two] = [quotaOf({ scopes: ["Terminating"] }), quotaOf({ scopes: ["Terminating", "NotBestEffort"] })];
    const turned = quotaOf({ scopes: ["NotBestEffort", "Terminating"] });
    expect(errorsOf(turned, two)).to.deep.equal([]);
    expect(errorsOf(one, two)).to.deep.equal(['spec.scopes: Invalid value: ["Terminating"]: field is immutable']);
  });
});

describe("a resource quota that is written", () => {
  it("has its status from the server alone", () => {
    const old = quotaOf({}, { used: { pods: "1" } });
    expect(resourceQuotas.prepare?.(old).status).to.deep.equal({});
    expect(resourceQuotas.prepare?.(quotaOf({}), old).status).to.equal(old.status);
  });
});
