import { expect } from "chai";
import { atOnce } from "../../lib/steps.ts";
import { builtinResources } from "../../api/index.ts";
import { deployments } from "../../api/apps/deployment.ts";
import { pods } from "../../api/core/pod.ts";
import { buildOpenApiV3, buildOpenApiV3Index, documentNameOf } from "./openapi-v3.ts";

const info = { title: "Gantry", version: "v1.33.0" };
type Schemas = Readonly<Record<string, { readonly properties: Readonly<Record<string, unknown>> }>>;

describe("the OpenAPI 3 documents", () => {
  const documents = buildOpenApiV3(builtinResources, info);

  it("are one per group and version", () => {
    expect([...documents.keys()]).to.deep.equal([...new Set(builtinResources.map(documentNameOf))].sort());
    expect([documentNameOf(pods), documentNameOf(deployments)]).to.deep.equal(["api/v1", "apis/apps/v1"]);
  });

  it("define everything they refer to, each for itself", () => {
    for (const [name, document] of documents) {
      const { schemas } = document["components"] as { schemas: Schemas };
      const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
      expect(refs, name).not.to.deep.equal([]);
      expect(
        refs.map(([, ref]) => ref ?? "").filter((ref) => !(ref in schemas)),
        name,
      ).to.deep.equal([]);
    }
  });

  it("keep the descriptions of properties that refer to types", () => {
    const { schemas } = documents.get("api/v1")?.["components"] as { schemas: Schemas };
    const spec = schemas["io.k8s.api.core.v1.Pod"]?.properties["spec"] as { description: string; allOf: unknown };
    expect(spec.allOf).to.deep.equal([{ $ref: "#/components/schemas/io.k8s.api.core.v1.PodSpec" }]);
    expect(spec.description).to.be.a("string").that.is.not.equal("");
  });

  it("describe bodies by their media types", () => {
    const paths = documents.get("apis/apps/v1")?.["paths"] as Record<
      string,
      Record<string, { requestBody: { content: object } }>
    >;
    const { patch, put } = paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"] ?? {};
    expect(Object.keys(patch?.requestBody.content ?? {})).to.include("application/strategic-merge-patch+json");
    expect(Object.keys(put?.requestBody.content ?? {})).to.include("application/json");
  });

  it("have an index whose URLs change with the content", () => {
    const urls = (index: unknown) => (index as { paths: Record<string, { serverRelativeURL: string }> }).paths;
    const before = urls(atOnce(buildOpenApiV3Index(documents)));
    const after = urls(atOnce(buildOpenApiV3Index(buildOpenApiV3([pods, { ...deployments, kind: "Other" }], info))));
    expect(before["api/v1"]?.serverRelativeURL).to.match(/^\/openapi\/v3\/api\/v1\?hash=[0-9A-F]{128}$/);
    expect(after["apis/apps/v1"]?.serverRelativeURL).not.to.equal(before["apis/apps/v1"]?.serverRelativeURL);
    expect(urls(atOnce(buildOpenApiV3Index(buildOpenApiV3(builtinResources, info))))).to.deep.equal(before);
  });
});
