import { expect } from "chai";
import { pods } from "../core/pod.ts";
import { deployments } from "../apps/deployment.ts";
import { DecodeError, prune } from "./prune.ts";
import * as s from "./schema.ts";

const pod = (spec: unknown, metadata: unknown = {}) => ({ apiVersion: "v1", kind: "Pod", metadata, spec });
const container = (fields: object) => pod({ containers: [{ name: "a", ...fields }] });
const prunedSpec = (value: object) => (prune(pods.schema, value).object as { spec: unknown }).spec;

describe("pruning", () => {
  it("makes a fresh copy of what the schema knows, without nulls", () => {
    const value = pod(
      { nodeName: null, containers: [{ name: "a", image: "b", env: null, x: 1 }], y: { z: 1 } },
      { labels: { a: "1" } },
    );
    const frozen = JSON.stringify(value);
    const { object, problems } = prune(pods.schema, value);
    expect(object).to.deep.equal(pod({ containers: [{ name: "a", image: "b" }] }, { labels: { a: "1" } }));
    expect(problems).to.deep.equal(['unknown field "spec.containers[0].x"', 'unknown field "spec.y"']);
    expect(JSON.stringify(value)).to.equal(frozen);
  });

  it("writes quantities and times in their canonical form", () => {
    const resources = { limits: { cpu: 0.5, memory: "1024Mi" }, requests: { cpu: "0.1", memory: 2n ** 30n } };
    expect(prunedSpec(container({ resources }))).to.deep.equal({
      containers: [
        {
          name: "a",
          resources: { limits: { cpu: "500m", memory: "1Gi" }, requests: { cpu: "100m", memory: "1073741824" } },
        },
      ],
    });
    const metadata = { creationTimestamp: "2024-02-29T12:00:00.75+02:00" };
    expect(prune(pods.schema, pod({}, metadata)).object).to.deep.equal(
      pod({}, { creationTimestamp: "2024-02-29T10:00:00Z" }),
    );
  });

  it("gives null items and entries the zero value of their type", () => {
    const value = pod({ containers: [null], nodeSelector: { a: null } });
    expect(prunedSpec(value)).to.deep.equal({ containers: [{}], nodeSelector: { a: "" } });
  });

  it("takes an empty string for no choice where none of the values is empty", () => {
    expect(prunedSpec(pod({ restartPolicy: "" }))).to.deep.equal({});
    const volumes = [{ name: "v", hostPath: { path: "/", type: "" } }];
    expect(prunedSpec(pod({ volumes }))).to.deep.equal({ volumes });
  });

  it("keeps integers exact", () => {
    const value = { metadata: { generation: 9007199254740993n } };
    expect(prune(pods.schema, value).object).to.deep.equal(value);
  });

  it("keeps __proto__ as plain data in maps and drops it from structs", () => {
    const value: unknown = JSON.parse('{"metadata":{"labels":{"__proto__":"x"}},"__proto__":{"spec":{}}}');
    const { object, problems } = prune(pods.schema, value);
    expect(JSON.stringify(object)).to.equal('{"metadata":{"labels":{"__proto__":"x"}}}');
    expect(problems).to.deep.equal(['unknown field "__proto__"']);
  });

  it("keeps any value as it is", () => {
    const fieldsV1 = { "f:a": { ".": null } };
    const { object } = prune(pods.schema, { metadata: { managedFields: [{ fieldsV1 }] } });
    expect(object).to.deep.equal({ metadata: { managedFields: [{ fieldsV1 }] } });
  });

  it("reports duplicate keys of known fields, in the order of the text", () => {
    const value = {
      spec: { unknown1: 1, dupe: 2, paused: true, template: { spec: { containers: [{ more: 1, image: "x" }] } } },
    };
    const duplicates = ["spec.dupe", "spec.paused", "spec.template.spec.containers[0].image", "metadata.labels.a"];
    expect(prune(deployments.schema, value, duplicates).problems).to.deep.equal([
      'unknown field "spec.unknown1"',
      'unknown field "spec.dupe"',
      'duplicate field "spec.paused"',
      'unknown field "spec.template.spec.containers[0].more"',
      'duplicate field "spec.template.spec.containers[0].image"',
    ]);
    const labels = { metadata: { labels: { a: "1" } } };
    expect(prune(pods.schema, labels, duplicates).problems).to.deep.equal(['duplicate field "metadata.labels.a"']);
  });

  it("reports a hundred problems at most", () => {
    const value = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`x${index}`, 1]));
    expect(prune(pods.schema, value).problems).to.have.length(100);
  });

  it("follows types that contain themselves", () => {
    const tree: s.Schema = s.object("test.v1.Tree", "", {
      children: s.optional(1, s.list(s.lazy(() => tree)), ""),
    });
    const { object, problems } = prune(tree, { children: [{ children: [{ x: 1 }] }] });
    expect(object).to.deep.equal({ children: [{ children: [{}] }] });
    expect(problems).to.deep.equal(['unknown field "children[0].children[0].x"']);
  });

  const wrong: readonly [string, unknown, string][] = [
    ["a list for an object", [], "json: cannot unmarshal array into Go value of type v1.Pod"],
    ["text for an object", pod("x"), "json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec"],
    [
      "an object for a list",
      pod({ containers: {} }),
      "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
    ],
    [
      "a number for text",
      container({ image: 5 }),
      "json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string",
    ],
    [
      "a number for a label",
      pod({}, { labels: { a: 1 } }),
      "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
    ],
    [
      "text for a number",
      pod({ priority: "1" }),
      "json: cannot unmarshal string into Go struct field PodSpec.spec.priority of type int32",
    ],
    [
      "a fraction for an integer",
      pod({ priority: 1.5 }),
      "json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.priority of type int32",
    ],
    [
      "too large an int32",
      pod({ priority: 2 ** 31 }),
      "json: cannot unmarshal number 2147483648 into Go struct field PodSpec.spec.priority of type int32",
    ],
    [
      "too large an int64",
      { metadata: { generation: 2n ** 63n } },
      "json: cannot unmarshal number 9223372036854775808 into Go struct field ObjectMeta.metadata.generation of type int64",
    ],
    [
      "a number for a boolean",
      pod({ hostNetwork: 1 }),
      "json: cannot unmarshal number into Go struct field PodSpec.spec.hostNetwork of type bool",
    ],
    [
      "a boolean for a number or text",
      container({ livenessProbe: { httpGet: { port: true } } }),
      "json: cannot unmarshal bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.httpGet.port of type int32",
    ],
    [
      "an ill-formed quantity",
      container({ resources: { limits: { cpu: "1x" } } }),
      "quantities must match the regular expression",
    ],
    [
      "an object for a quantity",
      container({ resources: { limits: { cpu: {} } } }),
      "quantities must match the regular expression",
    ],
    [
      "an ill-formed time",
      pod({}, { creationTimestamp: "yesterday" }),
      'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday"',
    ],
    [
      "a number for a time",
      pod({}, { creationTimestamp: 5 }),
      "json: cannot unmarshal number into Go value of type string",
    ],
  ];
  for (const [what, value, message] of wrong) {
    it(`refuses ${what}`, () => expect(() => prune(pods.schema, value)).to.throw(DecodeError, message));
  }

  it("refuses what is not base64", () => {
    const schema = s.map(s.bytes());
    expect(prune(schema, { a: "aGVs\nbG8=" }).object).to.deep.equal({ a: "aGVsbG8=" });
    expect(() => prune(schema, { a: "a-b=" })).to.throw(DecodeError, "illegal base64 data at input byte 1");
    expect(() => prune(schema, { a: "abc" })).to.throw(DecodeError, "illegal base64 data at input byte 3");
  });
});
