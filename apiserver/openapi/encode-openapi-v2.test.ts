import { expect } from "chai";
import { atOnce } from "../../lib/steps.ts";
import { builtinResources } from "../../api/index.ts";
import { readFields } from "../protobuf/wire-reader.ts";
import { encodeOpenApiV2 } from "./encode-openapi-v2.ts";
import { buildOpenApiV2 } from "./openapi-v2.ts";

type Value = bigint | Uint8Array;

describe("the OpenAPI 2 document in protobuf", () => {
  const document = atOnce(buildOpenApiV2(builtinResources, { title: "Gantry", version: "v1" }));
  const bytes = atOnce(encodeOpenApiV2(document));

  const fields = (message: Value | undefined, number: number): Value[] =>
    [...readFields(message as Uint8Array)].filter((field) => field.number === number).map(({ value }) => value);
  const text = (value: Value | undefined) => Buffer.from(value as Uint8Array).toString();
  /** The value of a map's entry. */
  const entry = (message: Value | undefined, number: number, name: string): Value | undefined => {
    const found = fields(message, number).find((each) => text(fields(each, 1)[0]) === name);
    return fields(found, 2)[0];
  };
  const extension = (message: Value | undefined, number: number, name: string): unknown =>
    JSON.parse(text(fields(entry(message, number, name), 2)[0]));

  it("names its version", () => {
    expect(text(fields(bytes, 1)[0])).to.equal("2.0");
    expect(text(fields(fields(bytes, 2)[0], 1)[0])).to.equal("Gantry");
  });

  it("has every definition and every path", () => {
    const names = fields(fields(bytes, 9)[0], 1).map((each) => text(fields(each, 1)[0]));
    expect(names).to.deep.equal(Object.keys(document.definitions as object));
    const paths = fields(fields(bytes, 8)[0], 2).map((each) => text(fields(each, 1)[0]));
    expect(paths).to.deep.equal(Object.keys(document.paths as object));
  });

  it("tells of kinds what clients look up: group, fields, merge keys and references", () => {
    const definitions = fields(bytes, 9)[0];
    const deployment = entry(definitions, 1, "io.k8s.api.apps.v1.Deployment");
    const kinds = [{ group: "apps", version: "v1", kind: "Deployment" }];
    expect(extension(deployment, 31, "x-kubernetes-group-version-kind")).to.deep.equal(kinds);
    const podSpec = entry(definitions, 1, "io.k8s.api.core.v1.PodSpec");
    expect(fields(podSpec, 19).map(text)).to.deep.equal(["containers"]);
    const containers = entry(fields(podSpec, 25)[0], 1, "containers");
    expect(extension(containers, 31, "x-kubernetes-patch-merge-key")).to.equal("name");
    expect(text(fields(fields(containers, 22)[0], 1)[0])).to.equal("array");
    const item = fields(fields(containers, 23)[0], 1)[0];
    expect(text(fields(item, 1)[0])).to.equal("#/definitions/io.k8s.api.core.v1.Container");
    const labels = entry(
      fields(entry(definitions, 1, "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"), 25)[0],
      1,
      "labels",
    );
    const value = fields(fields(labels, 21)[0], 1)[0];
    expect(text(fields(fields(value, 22)[0], 1)[0])).to.equal("string");
  });

  it("tells of operations what kubectl looks up before a dry run", () => {
    const path = entry(fields(bytes, 8)[0], 2, "/api/v1/namespaces/{namespace}/pods/{name}");
    const patch = fields(path, 8)[0];
    const kind = { group: "", version: "v1", kind: "Pod" };
    expect(extension(patch, 13, "x-kubernetes-group-version-kind")).to.deep.equal(kind);
    const parameters = fields(patch, 8).map((item) => fields(item, 1)[0]);
    const queries = parameters.flatMap((each) => fields(each, 2)).flatMap((each) => fields(each, 3));
    expect(queries.map((each) => text(fields(each, 4)[0]))).to.include("dryRun");
    expect(parameters.flatMap((each) => fields(each, 1)).map((each) => text(fields(each, 2)[0]))).to.deep.equal([
      "body",
    ]);
  });
});
