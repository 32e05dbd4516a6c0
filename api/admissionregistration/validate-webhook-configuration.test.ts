import { expect } from "chai";
import { mutatingWebhookConfigurations, type MutatingWebhookConfiguration } from "./mutating-webhook-configuration.ts";
import {
  validatingWebhookConfigurations,
  type ValidatingWebhookConfiguration,
} from "./validating-webhook-configuration.ts";
import {
  validateMutatingWebhookConfiguration,
  validateValidatingWebhookConfiguration,
} from "./validate-webhook-configuration.ts";
import { storedObject } from "../../testing/stored-object.ts";
import type { FieldError } from "../schema/field-error.ts";

const render = (errors: readonly FieldError[]) => errors.map(({ path, message }) => `${path}: ${message}`);
const rule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] };
const webhook = {
  name: "a.example.com",
  clientConfig: { url: "https://example.com/check" },
  rules: [rule],
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
};
const configurationOf = (...webhooks: object[]) =>
  storedObject<ValidatingWebhookConfiguration>(validatingWebhookConfigurations, { webhooks });
const errorsOf = (...webhooks: object[]) =>
  render(validateValidatingWebhookConfiguration(configurationOf(...webhooks)));
const ruleErrors = (fields: object) => errorsOf({ ...webhook, rules: [{ ...rule, ...fields }] });

describe("the validation of webhook configurations", () => {
  it("fills in what a webhook is by default", () => {
    const { webhooks } = storedObject<MutatingWebhookConfiguration>(mutatingWebhookConfigurations, {
      webhooks: [{ ...webhook, clientConfig: { service: { namespace: "a", name: "b" } } }],
    });
    expect(webhooks?.[0]).to.deep.include({
      failurePolicy: "Fail",
      matchPolicy: "Equivalent",
      reinvocationPolicy: "Never",
      timeoutSeconds: 10,
      namespaceSelector: {},
      objectSelector: {},
      rules: [{ ...rule, scope: "*" }],
      clientConfig: { service: { namespace: "a", name: "b", port: 443 } },
    });
    expect(errorsOf(webhook)).to.deep.equal([]);
  });

  it("says of an empty webhook all that is missing", () => {
    expect(errorsOf({})).to.deep.equal([
      "webhooks[0].name: Required value",
      "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun",
      "webhooks[0].clientConfig: Required value: exactly one of url or service is required",
      "webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1",
    ]);
  });

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "a short name",
      { name: "example.com" },
      [
        'webhooks[0].name: Invalid value: "example.com": should be a domain with at least three segments separated by dots',
      ],
    ],
    [
      "side effects",
      { sideEffects: "Some" },
      ['webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
    ],
    [
      "no time and all time",
      { timeoutSeconds: 31 },
      ["webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds"],
    ],
    [
      "a service that is nowhere",
      { clientConfig: { service: { path: "a/B/", port: 0 } } },
      [
        "webhooks[0].clientConfig.service.name: Required value: service name is required",
        "webhooks[0].clientConfig.service.namespace: Required value: service namespace is required",
        "webhooks[0].clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive",
        "webhooks[0].clientConfig.service.path: Invalid value: \"a/B/\": must start with a '/'",
        'webhooks[0].clientConfig.service.path: Invalid value: "a/B/": segment[0] may not be empty',
        "webhooks[0].clientConfig.service.path: Invalid value: \"a/B/\": segment[1]: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ],
    ],
    [
      "a URL that is none",
      { clientConfig: { url: "https://a:b" } },
      [
        'webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse "https://a:b": invalid port ":b" after host; desired format: https://host[/path]',
      ],
    ],
    [
      "conditions without names and expressions",
      { matchConditions: [{ name: "a", expression: "true" }, { name: "a", expression: " " }, {}] },
      [
        "webhooks[0].matchConditions[1].expression: Required value",
        'webhooks[0].matchConditions[1].name: Duplicate value: "a"',
        "webhooks[0].matchConditions[2].expression: Required value",
        "webhooks[0].matchConditions[2].name: Required value",
      ],
    ],
    [
      "too many conditions",
      { matchConditions: Array.from({ length: 65 }, (_, index) => ({ name: `a${index}`, expression: "true" })) },
      ["webhooks[0].matchConditions: Too many: 65: must have at most 64 items"],
    ],
  ];
  for (const [title, fields, expected] of cases) {
    it(`refuses ${title}`, () => {
      expect(errorsOf({ ...webhook, ...fields })).to.deep.equal(expected);
    });
  }

  const rules: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "match nothing",
      { operations: [], apiGroups: [], apiVersions: [], resources: [] },
      ["operations", "apiGroups", "apiVersions", "resources"].map(
        (name) => `webhooks[0].rules[0].${name}: Required value`,
      ),
    ],
    [
      "match all and some",
      { operations: ["*", "CREATE"], apiGroups: ["*", ""], apiVersions: ["*", "v1"], resources: ["*", "pods", "*/*"] },
      [
        `webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`,
        `webhooks[0].rules[0].apiGroups: Invalid value: ["*",""]: if '*' is present, must not specify other API groups`,
        `webhooks[0].rules[0].apiVersions: Invalid value: ["*","v1"]: if '*' is present, must not specify other API versions`,
        `webhooks[0].rules[0].resources: Invalid value: ["*","pods","*/*"]: if '*/*' is present, must not specify other resources`,
        `webhooks[0].rules[0].resources: Invalid value: ["*","pods","*/*"]: if '*' is present, must not specify other resources without subresources`,
      ],
    ],
    [
      "repeat what a star covers",
      { resources: ["pods/*", "pods/log", "*/scale", "deployments/scale"] },
      [
        `webhooks[0].rules[0].resources[1]: Invalid value: "pods/log": if 'pods/*' is present, must not specify pods/log`,
        `webhooks[0].rules[0].resources[3]: Invalid value: "deployments/scale": if '*/scale' is present, must not specify deployments/scale`,
      ],
    ],
  ];
  for (const [title, fields, expected] of rules) {
    it(`refuses rules that ${title}`, () => {
      expect(ruleErrors(fields)).to.deep.equal(expected);
    });
  }

  it("refuses two webhooks of one name, but not where there were two already", () => {
    const twice = configurationOf(webhook, webhook);
    expect(render(validateValidatingWebhookConfiguration(twice))).to.deep.equal([
      'webhooks[1].name: Duplicate value: "a.example.com"',
    ]);
    expect(render(validateValidatingWebhookConfiguration(twice, twice))).to.deep.equal([]);
  });

  it("keeps what was accepted once", () => {
    const conditions = [{ name: "a", expression: "" }];
    const old = configurationOf({
      ...webhook,
      sideEffects: "Some",
      admissionReviewVersions: ["v9"],
      matchConditions: conditions,
    });
    expect(render(validateValidatingWebhookConfiguration(old, old))).to.deep.equal([]);
    expect(render(validateValidatingWebhookConfiguration(old))).to.have.length(3);
  });

  it("has the same rules for webhooks that change objects", () => {
    const configuration = storedObject<MutatingWebhookConfiguration>(mutatingWebhookConfigurations, {
      webhooks: [{ ...webhook, sideEffects: "Some" }],
    });
    expect(render(validateMutatingWebhookConfiguration(configuration))).to.deep.equal([
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    ]);
  });
});
