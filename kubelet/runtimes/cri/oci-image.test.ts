import { expect } from "chai";
import { describeImage, layersOf, normalizeReference, type ImageConfig } from "./oci-image.ts";

const layer = { digest: `sha256:${"1".repeat(64)}`, size: 10 };
const second = { digest: `sha256:${"2".repeat(64)}`, size: 20 };

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly object[];
}

function read(described: ReturnType<typeof describeImage>) {
  const files = new Map(described.files.map(([name, content]) => [name, JSON.parse(content.toString()) as unknown]));
  const blob = (digest: string) => files.get(`blobs/${digest.replace(":", "/")}`);
  const index = files.get("index.json") as { manifests: { digest: string; annotations: object }[] };
  const manifest = blob(index.manifests[0]?.digest ?? "") as Manifest;
  return { index, manifest, config: blob(manifest.config.digest) as ImageConfig };
}

describe("an image in the OCI's layout", () => {
  const image = { name: "docker.io/library/app:1", files: [], entrypoint: ["/app"], env: { A: "1" } };

  it("leads from its name to its description and its layers", () => {
    const { index, manifest, config } = read(describeImage(image, { base: undefined, layer, labels: { of: "me" } }));
    expect(index.manifests[0]?.annotations).to.deep.equal({ "io.containerd.image.name": image.name });
    expect(manifest.layers).to.have.length(1);
    expect(manifest.layers[0]).to.include(layer);
    expect(config.rootfs?.diff_ids).to.deep.equal([layer.digest]);
    expect(config.config).to.deep.include({ Entrypoint: ["/app"], Env: ["A=1"] });
    expect(config.config?.Labels).to.include({ of: "me" });
  });

  it("adds to the layers and the environment of its base", () => {
    const base = read(describeImage(image, { base: undefined, layer, labels: {} })).config;
    const added = { name: "b", files: [], env: { B: "2" }, command: ["x"] };
    const { config } = read(describeImage(added, { base, layer: second, labels: {} }));
    expect(layersOf(config)).to.deep.equal([layer, second]);
    expect(config.rootfs?.diff_ids).to.deep.equal([layer.digest, second.digest]);
    expect(config.config).to.deep.include({ Entrypoint: ["/app"], Cmd: ["x"], Env: ["A=1", "B=2"] });
  });

  it("drops the arguments of its base with the base's entry point", () => {
    const config = { Entrypoint: ["/old"], Cmd: ["old"], Labels: {} };
    const other = read(describeImage(image, { base: { config }, layer, labels: {} })).config;
    expect(other.config).to.deep.include({ Entrypoint: ["/app"], Cmd: null });
  });

  it("has no known layers where it was not made here", () => {
    expect(layersOf({ config: { Labels: null } })).to.deep.equal([]);
    expect(layersOf(undefined)).to.deep.equal([]);
  });
});

describe("an image's reference in full", () => {
  for (const [given, full] of [
    ["busybox", "docker.io/library/busybox:latest"],
    ["gantry/pause:1", "docker.io/gantry/pause:1"],
    ["localhost/app", "localhost/app:latest"],
    ["localhost:5000/app:2", "localhost:5000/app:2"],
    ["quay.io/a/b@sha256:1", "quay.io/a/b@sha256:1"],
  ] as const) {
    it(`is ${full} for ${given}`, () => {
      expect(normalizeReference(given)).to.equal(full);
    });
  }
});
