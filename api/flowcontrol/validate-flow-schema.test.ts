import { expect } from "chai";
import { flowSchemas, type FlowSchema } from "./flow-schema.ts";
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from "./mandatory-objects.ts";
import { priorityLevelConfigurations, type PriorityLevelConfiguration } from "./priority-level-configuration.ts";
import { suggestedFlowSchemas, suggestedPriorityLevels } from "./suggested-objects.ts";
import { validateFlowSchema } from "./validate-flow-schema.ts";
import { validatePriorityLevel } from "./validate-priority-level.ts";
import { storedObject } from "../../testing/stored-object.ts";
import type { FieldError } from "../schema/field-error.ts";

const render = (errors: readonly FieldError[]) => errors.map(({ path, message }) => `${path}: ${message}`);
const schemaOf = (fields: object): FlowSchema => storedObject(flowSchemas, { ...fields });
const levelOf = (fields: object): PriorityLevelConfiguration =>
  storedObject(priorityLevelConfigurations, { ...fields });

const user = { kind: "User", user: { name: "jane" } };
const resourceRules = [{ verbs: ["get"], apiGroups: [""], resources: ["pods"], namespaces: ["default"] }];
const priorityLevelConfiguration = { name: "workload-low" };
const withRule = (rule: object) => ({ priorityLevelConfiguration, rules: [{ subjects: [user], ...rule }] });
const withSubject = (subject: object) => ({
  priorityLevelConfiguration,
  rules: [{ subjects: [subject], resourceRules }],
});

describe("the validation of a flow schema", () => {
  it("accepts what every cluster has", () => {
    for (const each of [...mandatoryFlowSchemas, ...suggestedFlowSchemas]) {
      const { metadata, spec } = each;
      const flowSchema = schemaOf({ metadata, spec });
      expect(render(validateFlowSchema(flowSchema)), metadata.name).to.deep.equal([]);
      expect(flowSchema.spec, metadata.name).to.deep.equal(spec);
    }
  });

  it("fills in the precedence", () => {
    expect(schemaOf({ spec: withRule({ resourceRules }) }).spec.matchingPrecedence).to.equal(1000);
  });

  const RULE = "spec.rules[0].resourceRules[0]";
  const URLS = "spec.rules[0].nonResourceRules[0].nonResourceURLs";
  const SUBJECT = "spec.rules[0].subjects[0]";
  const invalid: readonly (readonly [string, object, readonly string[]])[] = [
    ["nothing", {}, ["spec.priorityLevelConfiguration.name: Required value: must reference a priority level"]],
    [
      "a precedence out of range, and an unknown method",
      { priorityLevelConfiguration, matchingPrecedence: 10001, distinguisherMethod: { type: "ByMoon" } },
      [
        "spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000",
        'spec.distinguisherMethod.type: Unsupported value: {"type":"ByMoon"}: supported values: "ByNamespace", "ByUser"',
      ],
    ],
    [
      "the precedence of administrators",
      { priorityLevelConfiguration, matchingPrecedence: 1 },
      ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
    ],
    [
      "rules of nothing for nobody",
      { priorityLevelConfiguration, rules: [{}] },
      [
        "spec.rules[0].subjects: Required value: subjects must contain at least one value",
        "spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty",
      ],
    ],
    [
      "an empty rule",
      withRule({ resourceRules: [{}] }),
      [
        `${RULE}.verbs: Required value: verbs must contain at least one value`,
        `${RULE}.apiGroups: Required value: resource rules must supply at least one api group`,
        `${RULE}.resources: Required value: resource rules must supply at least one resource`,
        `${RULE}.namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace`,
      ],
    ],
    [
      "stars among others",
      withRule({
        resourceRules: [{ verbs: ["*", "get"], apiGroups: ["*", ""], resources: ["*", "a"], namespaces: ["*", "B c"] }],
      }),
      [
        `${RULE}.verbs: Invalid value: ["*","get"]: if '*' is present, must not specify other verbs`,
        `${RULE}.apiGroups: Invalid value: ["*",""]: if '*' is present, must not specify other api groups`,
        `${RULE}.resources: Invalid value: ["*","a"]: if '*' is present, must not specify other resources`,
        `${RULE}.namespaces: Invalid value: ["*","B c"]: if '*' is present, must not specify other namespaces`,
      ],
    ],
    [
      "verbs that there are not",
      withRule({ resourceRules: [{ ...resourceRules[0], verbs: ["look"] }] }),
      [
        `${RULE}.verbs: Unsupported value: ["look"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"`,
      ],
    ],
    [
      "URLs that are none",
      withRule({ nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["a", "/a b", "//a", "/*a", ""] }] }),
      [
        `${URLS}[0]: Invalid value: "a": must start with slash`,
        `${URLS}[1]: Invalid value: "/a b": must not contain white-space`,
        `${URLS}[2]: Invalid value: "//a": must not contain double slash`,
        `${URLS}[3]: Invalid value: "/*a": wildcard can only do suffix matching`,
        `${URLS}[4]: Invalid value: "": must not be empty`,
      ],
    ],
    [
      "an unknown kind of subject",
      withSubject({}),
      [`${SUBJECT}.kind: Unsupported value: "": supported values: "Group", "ServiceAccount", "User"`],
    ],
    [
      "a subject of another kind than it says",
      withSubject({ kind: "Group", user: { name: "jane" } }),
      [
        `${SUBJECT}.group: Required value: group is required when subject kind is 'Group'`,
        `${SUBJECT}.user: Forbidden: user is forbidden when subject kind is not 'User'`,
      ],
    ],
    [
      "a service account without name and namespace",
      withSubject({ kind: "ServiceAccount", serviceAccount: {} }),
      [
        `${SUBJECT}.serviceAccount.name: Required value`,
        `${SUBJECT}.serviceAccount.namespace: Required value: must specify namespace for service account`,
      ],
    ],
  ];
  for (const [title, spec, expected] of invalid) {
    it(`refuses ${title}`, () => {
      expect(render(validateFlowSchema(schemaOf({ spec })))).to.deep.equal(expected);
    });
  }

  it("refuses any change of those that must be", () => {
    const spec = { ...mandatoryFlowSchemas[1]?.spec, matchingPrecedence: 9999 };
    const errors = render(validateFlowSchema(schemaOf({ metadata: { name: "catch-all" }, spec })));
    expect(errors).to.have.length(1);
    expect(errors[0]).to.match(/^spec: Invalid value: {.*}: spec of 'catch-all' must equal the fixed value$/);
  });

  it("takes nothing but the status where that is written", () => {
    const old = schemaOf({ spec: withRule({ resourceRules }) });
    const status = { conditions: [{ type: "A", status: "True" }] };
    const sent = schemaOf({ metadata: { labels: { a: "b" } }, spec: {}, status });
    expect(flowSchemas.prepareStatus?.(sent, old, "")).to.deep.equal({ ...old, status });
  });

  it("refuses repeated conditions", () => {
    const status = { conditions: [{ type: "A" }, { type: "A" }, {}] };
    expect(render(validateFlowSchema(schemaOf({ spec: { priorityLevelConfiguration }, status })))).to.deep.equal([
      'status.conditions[1].type: Duplicate value: "A"',
      "status.conditions[2].type: Required value: must not be empty",
    ]);
  });
});

const limited = (fields: object) => ({ spec: { type: "Limited", limited: fields } });
const queuing = (fields: object) => limited({ limitResponse: { type: "Queue", queuing: fields } });

describe("the validation of a priority level", () => {
  it("accepts what every cluster has", () => {
    for (const each of [...mandatoryPriorityLevels, ...suggestedPriorityLevels]) {
      const { metadata, spec } = each;
      const level = levelOf({ metadata, spec });
      expect(render(validatePriorityLevel(level)), metadata.name).to.deep.equal([]);
      expect(level.spec, metadata.name).to.deep.equal(spec);
    }
  });

  it("fills in the shares and the queues", () => {
    expect(levelOf(queuing({})).spec.limited).to.deep.equal({
      nominalConcurrencyShares: 30,
      lendablePercent: 0,
      limitResponse: { type: "Queue", queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } },
    });
  });

  const QUEUING = "spec.limited.limitResponse.queuing";
  const invalid: readonly (readonly [string, object, readonly string[]])[] = [
    ["nothing", {}, ['spec.type: Unsupported value: "": supported values: "Exempt", "Limited"']],
    [
      "exemption under another name, with limits",
      { spec: { type: "Exempt", limited: { limitResponse: { type: "Reject" } } } },
      [
        "spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'",
        "spec.limited: Forbidden: must be nil if the type is not Limited",
      ],
    ],
    [
      "no limits",
      { spec: { type: "Limited", exempt: {} } },
      [
        "spec.exempt: Forbidden: must be nil if the type is Limited",
        "spec.limited: Required value: must not be empty when type is Limited",
      ],
    ],
    [
      "numbers out of range",
      limited({ nominalConcurrencyShares: -1, lendablePercent: 101, borrowingLimitPercent: -1 }),
      [
        "spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer",
        'spec.limited.limitResponse.type: Unsupported value: "": supported values: "Queue", "Reject"',
        "spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive",
        "spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer",
      ],
    ],
    [
      "queues for requests that are refused",
      limited({ limitResponse: { type: "Reject", queuing: {} } }),
      [`${QUEUING}: Forbidden: must be nil if limited.limitResponse.type is not Limited`],
    ],
    [
      "no queues for requests that wait",
      limited({ limitResponse: { type: "Queue" } }),
      [`${QUEUING}: Required value: must not be empty if limited.limitResponse.type is Limited`],
    ],
    [
      "a hand of more queues than there are",
      queuing({ queues: 4, handSize: 5 }),
      [`${QUEUING}.handSize: Invalid value: 5: should not be greater than queues (4)`],
    ],
    [
      "hands that no hash can deal",
      queuing({ queues: 512, handSize: 8 }),
      [
        `${QUEUING}.handSize: Invalid value: 8: required entropy bits of deckSize 512 and handSize 8 should not be greater than 60`,
      ],
    ],
    [
      "queues of no length",
      queuing({ queues: -1, handSize: -1, queueLengthLimit: -1 }),
      ["queueLengthLimit", "queues", "handSize"].map(
        (name) => `${QUEUING}.${name}: Invalid value: -1: must be positive`,
      ),
    ],
  ];
  for (const [title, fields, expected] of invalid) {
    it(`refuses ${title}`, () => {
      expect(render(validatePriorityLevel(levelOf(fields)))).to.deep.equal(expected);
    });
  }

  it("lets the exempt level lend, and nothing else of those that must be change", () => {
    const exempt = { nominalConcurrencyShares: 7, lendablePercent: 10 };
    const changed = levelOf({ metadata: { name: "exempt" }, spec: { type: "Exempt", exempt } });
    expect(render(validatePriorityLevel(changed))).to.deep.equal([]);
    const catchAll = levelOf({ metadata: { name: "catch-all" }, ...queuing({}) });
    expect(render(validatePriorityLevel(catchAll))[0]).to.match(/spec of 'catch-all' must equal the fixed value$/);
  });
});
