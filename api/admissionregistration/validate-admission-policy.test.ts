import { expect } from "chai";
import { mutatingAdmissionPolicies, type MutatingAdmissionPolicy } from "./mutating-admission-policy.ts";
import {
  mutatingAdmissionPolicyBindings,
  type MutatingAdmissionPolicyBinding,
} from "./mutating-admission-policy-binding.ts";
import { validateMutatingAdmissionPolicy, validateValidatingAdmissionPolicy } from "./validate-admission-policy.ts";
import {
  validateMutatingAdmissionPolicyBinding,
  validateValidatingAdmissionPolicyBinding,
} from "./validate-policy-binding.ts";
import { validatingAdmissionPolicies, type ValidatingAdmissionPolicy } from "./validating-admission-policy.ts";
import {
  validatingAdmissionPolicyBindings,
  type ValidatingAdmissionPolicyBinding,
} from "./validating-admission-policy-binding.ts";
import { storedObject } from "../../testing/stored-object.ts";
import type { FieldError } from "../schema/field-error.ts";

const render = (errors: readonly FieldError[]) => errors.map(({ path, message }) => `${path}: ${message}`);
const rule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] };
const matchConstraints = { resourceRules: [rule] };
const validations = [{ expression: "object.spec.replicas < 5" }];
const policyOf = (spec: object, fields: object = {}) =>
  storedObject<ValidatingAdmissionPolicy>(validatingAdmissionPolicies, {
    spec: { matchConstraints, validations, ...spec },
    ...fields,
  });
const errorsOf = (spec: object) => render(validateValidatingAdmissionPolicy(policyOf(spec)));
const cellsOf = (policy: ValidatingAdmissionPolicy) =>
  validatingAdmissionPolicies.columns.slice(0, 3).map(({ cell }) => cell(policy, 0));

describe("the validation of validating admission policies", () => {
  it("accepts a policy and fills in the rest", () => {
    const policy = policyOf({ paramKind: { apiVersion: "rules.example.com/v1", kind: "Limit" } });
    expect(policy.spec).to.deep.include({
      failurePolicy: "Fail",
      matchConstraints: {
        namespaceSelector: {},
        objectSelector: {},
        matchPolicy: "Equivalent",
        resourceRules: [{ ...rule, scope: "*" }],
      },
    });
    expect(render(validateValidatingAdmissionPolicy(policy))).to.deep.equal([]);
    expect(cellsOf(policy)).to.deep.equal(["test", 1, "rules.example.com/v1/Limit"]);
    expect(cellsOf(policyOf({}))[2]).to.equal("<unset>");
  });

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "a policy about nothing",
      { matchConstraints: undefined, validations: [] },
      [
        "spec.matchConstraints: Required value",
        "spec.validations: Required value: validations or auditAnnotations must contain at least one item",
        "spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item",
      ],
    ],
    ["constraints without rules", { matchConstraints: {} }, ["spec.matchConstraints.resourceRules: Required value"]],
    [
      "names that are no names",
      { matchConstraints: { resourceRules: [{ ...rule, resourceNames: ["a", "a", "b/c"] }] } },
      [
        'spec.matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "a"',
        "spec.matchConstraints.resourceRules[0].resourceNames[2]: Invalid value: \"b/c\": may not contain '/'",
      ],
    ],
    [
      "parameters of no kind",
      { paramKind: { apiVersion: "a/b/c" } },
      [
        'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
        "spec.paramKind.kind: Required value",
      ],
    ],
    [
      "conditions that say nothing",
      { validations: [{ message: " ", messageExpression: " ", reason: "Bored" }] },
      [
        "spec.validations[0].expression: Required value: expression is not specified",
        'spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
        'spec.validations[0].message: Invalid value: " ": message must be non-empty if specified',
        'spec.validations[0].reason: Unsupported value: "Bored": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
      ],
    ],
    [
      "variables that cannot be named",
      { variables: [{ name: "in", expression: "1" }, {}] },
      [
        'spec.variables[0].name: Invalid value: "in": name is not a valid CEL identifier',
        "spec.variables[1].name: Required value: name is not specified",
        "spec.variables[1].expression: Required value: expression is not specified",
      ],
    ],
    [
      "notes that cannot be written",
      {
        auditAnnotations: [
          { key: "a", valueExpression: "x".repeat(6000) },
          { key: "a", valueExpression: "x" },
        ],
      },
      [
        "spec.auditAnnotations[0].valueExpression: Required value: must not exceed 5120 bytes in length",
        'spec.auditAnnotations[1].key: Duplicate value: "a"',
      ],
    ],
  ];
  for (const [title, spec, expected] of cases) {
    it(`refuses ${title}`, () => {
      expect(errorsOf(spec)).to.deep.equal(expected);
    });
  }

  it("refuses warnings about nothing in the status", () => {
    const status = { typeChecking: { expressionWarnings: [{ fieldRef: " ", warning: "" }] } };
    expect(render(validateValidatingAdmissionPolicy(policyOf({}, { status })))).to.deep.equal([
      "status.typeChecking.expressionWarnings[0].warning: Required value",
      "status.typeChecking.expressionWarnings[0].fieldRef: Required value",
    ]);
  });
});

describe("the validation of bindings of admission policies", () => {
  const bindingOf = (spec: object) =>
    storedObject<ValidatingAdmissionPolicyBinding>(validatingAdmissionPolicyBindings, {
      spec: { policyName: "a", validationActions: ["Deny"], ...spec },
    });
  const bindingErrors = (spec: object) => render(validateValidatingAdmissionPolicyBinding(bindingOf(spec)));

  it("shows what the parameters are", () => {
    const cell = (paramRef: object | undefined) =>
      validatingAdmissionPolicyBindings.columns[2]?.cell(bindingOf({ paramRef }), 0);
    expect(cell(undefined)).to.equal("<unset>");
    expect(cell({ name: "a" })).to.equal("a");
    expect(cell({ name: "a", namespace: "b" })).to.equal("b/a");
    const selector = {
      matchLabels: { b: "1", a: "2" },
      matchExpressions: [{ key: "c", operator: "In", values: ["x", "y"] }],
    };
    expect(cell({ selector })).to.equal(
      "&LabelSelector{MatchLabels:map[string]string{a: 2,b: 1,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:c,Operator:In,Values:[x y],},},}",
    );
  });

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "nothing",
      { policyName: undefined, validationActions: [] },
      [
        "spec.policyName: Required value",
        "spec.validationActions: Required value: at least one validation action is required",
      ],
    ],
    [
      "two answers to one client",
      { validationActions: ["Deny", "Warn", "Deny"] },
      [
        'spec.validationActions[2]: Duplicate value: "Deny"',
        'spec.validationActions: Invalid value: ["Deny","Warn","Deny"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ],
    ],
    [
      "parameters from nowhere",
      { paramRef: {} },
      ["spec.paramRef: Required value: one of name or selector must be specified"],
    ],
    [
      "parameters from everywhere",
      { paramRef: { name: "a", selector: {} } },
      [
        "spec.paramRef.name: Forbidden: name and selector are mutually exclusive",
        "spec.paramRef.selector: Forbidden: name and selector are mutually exclusive",
      ],
    ],
  ];
  for (const [title, spec, expected] of cases) {
    it(`refuses ${title}`, () => {
      expect(bindingErrors(spec)).to.deep.equal(expected);
    });
  }
});

describe("the validation of mutating admission policies", () => {
  const mutationsOf = (...mutations: object[]) =>
    render(
      validateMutatingAdmissionPolicy(
        storedObject<MutatingAdmissionPolicy>(mutatingAdmissionPolicies, {
          spec: { matchConstraints, reinvocationPolicy: "Never", mutations },
        }),
      ),
    );

  it("accepts changes in both forms", () => {
    expect(
      mutationsOf(
        { patchType: "JSONPatch", jsonPatch: { expression: "[]" } },
        { patchType: "ApplyConfiguration", applyConfiguration: { expression: "Object{}" } },
      ),
    ).to.deep.equal([]);
  });

  it("refuses no change, and changes in no form or another", () => {
    expect(mutationsOf()).to.deep.equal(["spec.mutations: Required value: mutations must contain at least one item"]);
    expect(mutationsOf({}, { patchType: "x" }, { patchType: "JSONPatch", applyConfiguration: {} })).to.deep.equal([
      "spec.mutations[0].patchType: Required value",
      'spec.mutations[1].patchType: Unsupported value: "x": supported values: "ApplyConfiguration", "JSONPatch"',
      "spec.mutations[2].applyConfiguration: Forbidden: may not be specified when patchType is JSONPatch",
      "spec.mutations[2].jsonPatch: Required value: must be specified when patchType is JSONPatch",
    ]);
  });

  it("has the same rules for bindings, but without actions", () => {
    const binding = storedObject<MutatingAdmissionPolicyBinding>(mutatingAdmissionPolicyBindings, {
      spec: { policyName: "A" },
    });
    expect(render(validateMutatingAdmissionPolicyBinding(binding))[0]).to.match(/^spec.policyName: Invalid value: "A"/);
  });
});
