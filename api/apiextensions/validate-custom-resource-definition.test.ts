import { expect } from "chai";
import { customResourceDefinitions, type CustomResourceDefinition } from "./custom-resource-definition.ts";
import { validateCustomResourceDefinition } from "./validate-custom-resource-definition.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { prepareDefinition } from "./custom-resource-definition-strategy.ts";

type Fields = Record<string, unknown>;
const names = { plural: "widgets", kind: "Widget" };
const schemaOf = (properties: object, rest: object = {}) => ({
  openAPIV3Schema: { type: "object", properties, ...rest },
});
const versionOf = (fields: object = {}) => ({
  ...{ name: "v1", served: true, storage: true, schema: schemaOf({ spec: { type: "object" } }) },
  ...fields,
});
const stored = (spec: object = {}, fields: Fields = {}) =>
  storedObject<CustomResourceDefinition>(customResourceDefinitions, {
    metadata: { name: "widgets.example.com" },
    spec: { group: "example.com", names, scope: "Namespaced", versions: [versionOf()], ...spec },
    ...fields,
  });
const render = (definition: CustomResourceDefinition, old?: CustomResourceDefinition) =>
  validateCustomResourceDefinition(definition, old).map(({ path, message }) => `${path}: ${message}`);
const versionErrors = (fields: object) => render(stored({ versions: [versionOf(fields)] }));
describe("the validation of custom resource definitions", () => {
  it("fills in what follows from the kind, and the version that is stored", () => {
    const { spec, status } = stored();
    expect(spec.names).to.deep.equal({ ...names, singular: "widget", listKind: "WidgetList" });
    expect(spec.conversion).to.deep.equal({ strategy: "None" });
    expect(status).to.deep.equal({ acceptedNames: { plural: "", kind: "" }, storedVersions: ["v1"] });
    expect(render(stored())).to.deep.equal([]);
  });

  it("claims nothing about the kind being served", () => {
    const created = prepareDefinition(
      stored({}, { status: { conditions: [{ type: "Established", status: "True" }] } }),
    );
    expect(created.status).to.deep.equal({ acceptedNames: { plural: "", kind: "" }, storedVersions: ["v1"] });
    expect(created.metadata.generation).to.equal(1);
  });

  it("remembers every version that objects were stored in", () => {
    const old = stored();
    const versions = [versionOf({ storage: false }), versionOf({ name: "v2" })];
    const next = prepareDefinition(stored({ versions }), old);
    expect(next.status.storedVersions).to.deep.equal(["v1", "v2"]);
    const without = { ...next, spec: { ...next.spec, versions: next.spec.versions.slice(1) } };
    expect(render(without, next)).to.deep.equal([
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    ]);
  });

  it("lets the status say which versions are left", () => {
    const old = stored({}, { status: { storedVersions: ["v1", "v0"] } });
    expect(render(stored({}, { status: { storedVersions: ["v1"] } }), old)).to.deep.equal([]);
    expect(render(old)).to.have.length(1);
  });

  it("says of an empty definition all that is missing", () => {
    expect(render(storedObject<CustomResourceDefinition>(customResourceDefinitions))).to.deep.equal([
      'metadata.name: Invalid value: "test": must be spec.names.plural+"."+spec.group',
      "spec.group: Required value",
      "spec.scope: Required value",
      "spec.versions: Invalid value: []: must have exactly one version marked as storage version",
      "spec.names.plural: Required value",
      "spec.names.singular: Required value",
      "spec.names.kind: Required value",
      "spec.names.listKind: Required value",
      "status.storedVersions: Invalid value: []: must have at least one stored version",
    ]);
  });

  const LABEL =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
  const specs: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "names that are none",
      { names: { plural: "widgets", kind: "Wid get", listKind: "Wid get", shortNames: ["W"], categories: ["ok"] } },
      [
        'spec.names.singular: Invalid value: "wid get": ' + LABEL,
        'spec.names.kind: Invalid value: "Wid get": may have mixed case, but should otherwise match: ' + LABEL,
        'spec.names.listKind: Invalid value: "Wid get": may have mixed case, but should otherwise match: ' + LABEL,
        'spec.names.shortNames[0]: Invalid value: "W": ' + LABEL,
        'spec.names.listKind: Invalid value: "Wid get": kind and listKind may not be the same',
      ],
    ],
    [
      "another scope",
      { scope: "Galaxy" },
      ['spec.scope: Unsupported value: "Galaxy": supported values: "Cluster", "Namespaced"'],
    ],
    [
      "unknown fields in all schemas",
      { preserveUnknownFields: true },
      [
        "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
      ],
    ],
    [
      "a webhook without the strategy for it",
      { conversion: { strategy: "None", webhook: { clientConfig: {}, conversionReviewVersions: ["v1"] } } },
      [
        "spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook",
        "spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook",
      ],
    ],
    [
      "a conversion that nobody can be asked for",
      { conversion: { strategy: "Webhook", webhook: { clientConfig: {}, conversionReviewVersions: ["v2", "v2"] } } },
      [
        "spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required",
        'spec.conversion.conversionReviewVersions[1]: Invalid value: "v2": duplicate version',
        'spec.conversion.conversionReviewVersions: Invalid value: ["v2","v2"]: must include at least one of v1, v1beta1',
      ],
    ],
    [
      "a webhook that is no address",
      {
        conversion: {
          strategy: "Webhook",
          webhook: {
            clientConfig: { url: "http://a@b/c?d#e" },
            conversionReviewVersions: ["v1"],
          },
        },
      },
      [
        `spec.conversion.webhookClientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
        'spec.conversion.webhookClientConfig.url: Invalid value: "a": user information is not permitted in the URL',
        'spec.conversion.webhookClientConfig.url: Invalid value: "e": fragments are not permitted in the URL',
        'spec.conversion.webhookClientConfig.url: Invalid value: "d": query parameters are not permitted in the URL',
      ],
    ],
  ];
  for (const [title, fields, expected] of specs) {
    it(`refuses ${title}`, () => {
      expect(render(stored(fields))).to.deep.equal(expected);
    });
  }

  it("refuses versions with one name, and two to store in", () => {
    const errors = render(stored({ versions: [versionOf(), versionOf()] })).map((error) =>
      error.replace(/\[\{.*\}\]/, "…"),
    );
    expect(errors).to.deep.equal([
      "spec.versions: Invalid value: …: must contain unique version names",
      "spec.versions: Invalid value: …: must have exactly one version marked as storage version",
    ]);
  });

  const versions: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "no schema",
      { schema: undefined },
      ["spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required"],
    ],
    [
      "a warning about a version that is not deprecated",
      { deprecationWarning: "go" },
      ['spec.versions[0].deprecationWarning: Invalid value: "go": can only be set for deprecated versions'],
    ],
    [
      "a warning that cannot be shown",
      { deprecated: true, deprecationWarning: "a\nb" },
      [
        'spec.versions[0].deprecationWarning: Invalid value: "a\\nb": must only contain printable UTF-8 characters; non-printable character found at index 1',
      ],
    ],
    [
      "columns of unknown types",
      { additionalPrinterColumns: [{ name: "", type: "x", format: "y", jsonPath: "z" }] },
      [
        "spec.additionalPrinterColumns[0].name: Required value",
        'spec.additionalPrinterColumns[0].type: Invalid value: "x": must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[0].format: Invalid value: "y": must be one of byte,date,date-time,double,float,int32,int64,password',
        'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "z": must be a simple json path starting with .',
      ],
    ],
    [
      "replicas in wrong places",
      { subresources: { scale: { specReplicasPath: ".status.a", statusReplicasPath: "a", labelSelectorPath: ".a" } } },
      [
        'spec.subresources.scale.specReplicasPath: Invalid value: ".status.a": should be a json path under .spec',
        'spec.subresources.scale.statusReplicasPath: Invalid value: "a": must be a simple json path starting with .',
        'spec.subresources.scale.labelSelectorPath: Invalid value: ".a": should be a json path under either .spec or .status',
      ],
    ],
    [
      "selection by what is no plain field",
      {
        schema: schemaOf({
          spec: { type: "object", properties: { color: { type: "string" } } },
          metadata: { type: "object" },
        }),
        selectableFields: [
          { jsonPath: ".spec.color" },
          { jsonPath: ".spec.color" },
          { jsonPath: ".spec" },
          { jsonPath: ".spec.size" },
          { jsonPath: ".spec['color']" },
          { jsonPath: "" },
        ],
      },
      [
        'spec.selectableFields[1].jsonPath: Duplicate value: ".spec.color"',
        'spec.selectableFields[2].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        'spec.selectableFields[3].jsonPath: Invalid value: ".spec.size": is an invalid path: does not refer to a valid field',
        `spec.selectableFields[4].jsonPath: Invalid value: ".spec['color']": is an invalid path: array notation is not allowed`,
        "spec.selectableFields[5].jsonPath: Required value",
      ],
    ],
    [
      "a status in a schema that cannot be split",
      { subresources: { status: {} }, schema: { openAPIV3Schema: { type: "string" } } },
      [
        'spec.validation.openAPIV3Schema.type: Invalid value: "string": only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
        'spec.validation.openAPIV3Schema.type: Invalid value: "string": must be object at the root',
      ],
    ],
  ];
  for (const [title, fields, expected] of versions) {
    it(`refuses ${title}`, () => {
      expect(versionErrors(fields)).to.deep.equal(expected);
    });
  }

  it("names the version where the versions differ", () => {
    const other = versionOf({ name: "v2", storage: false, schema: schemaOf({ a: {} }) });
    expect(render(stored({ versions: [versionOf(), other] }))).to.deep.equal([
      "spec.versions[1].schema.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields",
    ]);
  });

  it("keeps group and plural, and once objects can exist the kind and the scope", () => {
    const old = stored();
    const next = stored({ scope: "Cluster", names: { ...names, kind: "Gadget" } });
    expect(render(next, old)).to.deep.equal([]);
    const established = stored({}, { status: { conditions: [{ type: "Established", status: "True" }] } });
    expect(render(next, established)).to.deep.equal([
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'spec.names.kind: Invalid value: "Gadget": field is immutable',
    ]);
    expect(render(stored({ group: "other.org" }), old)).to.deep.equal([
      'spec.group: Invalid value: "other.org": field is immutable',
    ]);
  });

  it("wants to know who approved kinds of Kubernetes' own groups", () => {
    const approved = (note: string | undefined) =>
      render(
        stored(
          { group: "x.k8s.io" },
          {
            metadata: {
              name: "widgets.x.k8s.io",
              annotations: note === undefined ? {} : { "api-approved.kubernetes.io": note },
            },
          },
        ),
      );
    expect(approved("https://github.com/kubernetes/kubernetes/pull/1")).to.deep.equal([]);
    expect(approved("unapproved, an experiment")).to.deep.equal([]);
    expect(approved("yes")[0]).to.match(
      /^metadata.annotations\[api-approved.kubernetes.io\]: Invalid value: "yes": protected/,
    );
    expect(approved(undefined)).to.deep.equal([
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ]);
  });
});
