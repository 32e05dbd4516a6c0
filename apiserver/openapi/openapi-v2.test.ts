import { expect } from "chai";
import { atOnce } from "../../lib/steps.ts";
import { builtinResources } from "../../api/index.ts";
import { buildOpenApiV2 } from "./openapi-v2.ts";

type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly definitions: Readonly<Record<string, Definition>>;
};
type Operation = {
  readonly operationId: string;
  readonly parameters: readonly { name: string; in: string; schema?: { $ref: string } }[];
  readonly "x-kubernetes-action": string;
  readonly "x-kubernetes-group-version-kind": object;
};
type Definition = {
  readonly required?: readonly string[];
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly "x-kubernetes-group-version-kind"?: readonly object[];
  readonly "x-kubernetes-map-type"?: string;
};

describe("the OpenAPI 2 document", () => {
  const document = atOnce(
    buildOpenApiV2(builtinResources, { title: "Gantry", version: "v1.33.0" }),
  ) as unknown as Document;
  const { paths, definitions } = document;
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));

  it("defines everything it refers to", () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map(
      ([, name]) => name ?? "",
    );
    expect(refs).not.to.deep.equal([]);
    expect([...new Set(refs)].filter((name) => !(name in definitions))).to.deep.equal([]);
  });

  it("has a path and method for every verb of a kind", () => {
    const actions = (path: string) =>
      Object.entries(paths[path] ?? {}).map(([method, operation]) => `${method} ${operation["x-kubernetes-action"]}`);
    expect(actions("/api/v1/pods")).to.deep.equal(["get list"]);
    expect(actions("/api/v1/namespaces/{namespace}/pods")).to.have.members([
      "get list",
      "post post",
      "delete deletecollection",
    ]);
    expect(actions("/api/v1/namespaces/{namespace}/pods/{name}")).to.have.members([
      "get get",
      "put put",
      "patch patch",
      "delete delete",
    ]);
    expect(actions("/api/v1/namespaces/{namespace}/pods/{name}/log")).to.deep.equal(["get connect"]);
    expect(actions("/api/v1/namespaces/{namespace}/pods/{name}/binding")).to.deep.equal(["post post"]);
    expect(actions("/api/v1/nodes/{name}/status")).to.have.members(["get get", "put put", "patch patch"]);
    expect(actions("/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale")).to.have.members([
      "get get",
      "put put",
      "patch patch",
    ]);
  });

  it("names each operation once, as Kubernetes does", () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(ids).to.include.members([
      "listCoreV1PodForAllNamespaces",
      "listCoreV1NamespacedPod",
      "readCoreV1NamespacedPod",
      "createCoreV1NamespacedPod",
      "patchAppsV1NamespacedDeployment",
      "replaceAppsV1NamespacedDeploymentScale",
      "deleteCoreV1Node",
      "createCoreV1NamespacedPodBinding",
    ]);
  });

  it("tells by the parameters of patches that the server validates fields", () => {
    const patches = operations.filter((operation) => operation["x-kubernetes-action"] === "patch");
    expect(patches).not.to.deep.equal([]);
    for (const { parameters, operationId } of patches) {
      expect(
        parameters.map(({ name }) => name),
        operationId,
      ).to.include.members(["fieldValidation", "dryRun", "force", "name"]);
    }
  });

  it("marks kinds, lists and types of requests", () => {
    const marks = (name: string) => definitions[name]?.["x-kubernetes-group-version-kind"];
    expect(marks("io.k8s.api.apps.v1.Deployment")).to.deep.equal([
      { group: "apps", version: "v1", kind: "Deployment" },
    ]);
    expect(marks("io.k8s.api.core.v1.PodList")).to.deep.equal([{ group: "", version: "v1", kind: "PodList" }]);
    expect(marks("io.k8s.api.autoscaling.v1.Scale")).to.deep.equal([
      { group: "autoscaling", version: "v1", kind: "Scale" },
    ]);
    expect(marks("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions")).to.deep.include.members([
      { group: "", version: "v1", kind: "DeleteOptions" },
      { group: "apps", version: "v1", kind: "DeleteOptions" },
    ]);
  });

  it("tells how lists and maps are merged", () => {
    const spec = definitions["io.k8s.api.core.v1.PodSpec"];
    expect(spec?.required).to.deep.equal(["containers"]);
    expect(spec?.properties["volumes"]).to.include({
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-patch-merge-key": "name",
      "x-kubernetes-patch-strategy": "merge,retainKeys",
    });
    expect(spec?.properties["volumes"]?.["x-kubernetes-list-map-keys"]).to.deep.equal(["name"]);
    expect(spec?.properties["nodeSelector"]).to.include({ type: "object", "x-kubernetes-map-type": "atomic" });
    const strategy = definitions["io.k8s.api.apps.v1.DeploymentSpec"]?.properties["strategy"];
    expect(strategy).to.include({ "x-kubernetes-patch-strategy": "retainKeys" });
    const selector = definitions["io.k8s.api.policy.v1.PodDisruptionBudgetSpec"]?.properties["selector"];
    expect(selector).to.include({ "x-kubernetes-patch-strategy": "replace" });
    expect(definitions["io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference"]?.["x-kubernetes-map-type"]).to.equal(
      "atomic",
    );
  });

  it("gives types, formats and values", () => {
    const property = (type: string, name: string) => {
      const { description, ...rest } = definitions[`io.k8s.api.core.v1.${type}`]?.properties[name] ?? {};
      expect(description).to.be.a("string");
      return rest;
    };
    expect(property("Container", "imagePullPolicy")).to.deep.equal({
      type: "string",
      enum: ["Always", "IfNotPresent", "Never"],
    });
    expect(property("ContainerPort", "containerPort")).to.deep.equal({ type: "integer", format: "int32" });
    expect(property("PodStatus", "startTime")).to.deep.equal({ type: "string", format: "date-time" });
    expect(property("Secret", "data")).to.deep.equal({
      type: "object",
      additionalProperties: { type: "string", format: "byte" },
    });
    expect(property("HTTPGetAction", "port")).to.deep.equal({
      $ref: "#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    });
  });
});
