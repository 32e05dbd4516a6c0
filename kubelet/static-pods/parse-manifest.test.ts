import { expect } from "chai";
import { parseManifest } from "./parse-manifest.ts";

const place = { path: "/manifests/web.yaml", nodeName: "node-1", nowMs: Date.UTC(2026, 0, 1) };
const YAML = `
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: main, image: "app:1"}]
`;
const JSON_TEXT =
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"w","namespace":"x"},"spec":{"containers":[{"name":"m","image":"i"}]}}';

describe("a manifest of a static pod", () => {
  it("becomes a pod of this node, with defaults", () => {
    const { metadata, spec, status } = parseManifest(YAML, place);
    expect(metadata).to.deep.include({ name: "web-node-1", namespace: "default", labels: { app: "web" } });
    expect(metadata.uid).to.match(/^[0-9a-f]{32}$/);
    expect(metadata.annotations).to.deep.equal({
      "kubernetes.io/config.hash": metadata.uid,
      "kubernetes.io/config.seen": "2026-01-01T00:00:00Z",
      "kubernetes.io/config.source": "file",
    });
    expect(spec).to.deep.include({ nodeName: "node-1", restartPolicy: "Always", terminationGracePeriodSeconds: 30 });
    expect(spec.tolerations).to.deep.equal([{ operator: "Exists", effect: "NoExecute" }]);
    expect(status.phase).to.equal("Pending");
  });

  it("may be JSON, and name its namespace", () => {
    expect(parseManifest(JSON_TEXT, place).metadata).to.include({ name: "w-node-1", namespace: "x" });
  });

  it("is the same pod as long as it says the same in the same place, whenever it is read", () => {
    const uidOf = (text: string, more = {}) => parseManifest(text, { ...place, ...more }).metadata.uid;
    expect(uidOf(YAML, { nowMs: 0 })).to.equal(uidOf(YAML));
    expect(uidOf(`# a comment\n${YAML}`)).to.equal(uidOf(YAML));
    expect(uidOf(YAML.replace("app:1", "app:2"))).to.not.equal(uidOf(YAML));
    expect(uidOf(YAML, { nodeName: "node-2" })).to.not.equal(uidOf(YAML));
    expect(uidOf(YAML, { path: "/manifests/other.yaml" })).to.not.equal(uidOf(YAML));
  });

  for (const [title, text, problem] of [
    ["nothing", "", "it is empty, and should hold a pod"],
    ["several documents", `${YAML}---${YAML}`, "it holds 2 documents, and should hold one pod"],
    ["a list", "[]", "it holds no object"],
    ["another kind", "kind: Job\napiVersion: batch/v1", 'it holds {"apiVersion":"batch/v1","kind":"Job"}, and should'],
    ["no YAML", "a: [", "line "],
    [
      "a field that there is not",
      YAML.replace("image", "imagee"),
      'strict decoding error: unknown field "spec.containers[0].imagee"',
    ],
    ["a field of another type", YAML.replace('"app:1"', "7"), "cannot be handled as a Pod"],
    ["no name", YAML.replace("name: web, ", ""), "metadata.name: Required value: name or generateName is required"],
    ["a bad name", YAML.replace("name: web", "name: We_b"), 'metadata.name: Invalid value: "We_b-node-1"'],
    ["no containers", YAML.replace(/\[\{.*\}\]/, "[]"), "spec.containers: Required value"],
  ] as const) {
    it(`is refused with ${title}`, () => {
      expect(() => parseManifest(text, place)).to.throw(Error, problem);
    });
  }
});
