import { expect } from "chai";
import { configMaps } from "../../api/core/config-map.ts";
import { deployments } from "../../api/apps/deployment.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { Kctl, type KctlOptions } from "../../testing/kctl.ts";

const manifest = (value: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {key: ${value}}\n`;

describe("commands that change objects", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    kctl = new Kctl(cluster);
    await kctl.out("apply", "-f", "-", { stdin: manifest("old") });
  });
  afterEach(() => cluster.stop());

  const value = async () => (await cluster.get(configMaps, "default/m")).data?.key;

  describe("kctl patch", () => {
    const patches: readonly (readonly [type: string, patch: string])[] = [
      ["strategic", '{"data":{"key":"new"}}'],
      ["merge", "data: {key: new}"],
      ["json", '[{"op":"replace","path":"/data/key","value":"new"}]'],
    ];
    for (const [type, patch] of patches) {
      it(`sends ${type} patches`, async () => {
        expect(await kctl.out("patch", "cm", "m", `--type=${type}`, "-p", patch)).to.equal("configmap/m patched\n");
        expect(await value()).to.equal("new");
      });
    }

    it("says that nothing has changed", async () => {
      const text = await kctl.out("patch", "cm/m", "-p", '{"data":{"key":"old"}}');
      expect(text).to.equal("configmap/m patched (no change)\n");
    });

    it("says where a patch is no YAML", async () => {
      const { code, stderr } = await kctl.run("patch", "cm/m", "-p", "{a: [}");
      expect(code).to.equal(1);
      expect(stderr).to.match(/^error: unable to parse the patch: line 1, column \d+: /);
    });
  });

  describe("kctl replace", () => {
    it("puts the manifest in the object's place", async () => {
      expect(await kctl.out("replace", "-f", "-", { stdin: manifest("new") })).to.equal("configmap/m replaced\n");
      expect(await value()).to.equal("new");
    });

    it("makes the object anew where it is forced", async () => {
      const before = (await cluster.get(configMaps, "default/m")).metadata.uid;
      await kctl.out("replace", "--force", "-f", "-", { stdin: manifest("new") });
      expect((await cluster.get(configMaps, "default/m")).metadata.uid).to.not.equal(before);
    });

    it("fails where there is no such object", async () => {
      const { stderr } = await kctl.run("replace", "-f", "-", {
        stdin: manifest("x").replace("name: m", "name: none"),
      });
      expect(stderr).to.equal(
        'Error from server (NotFound): error when replacing "STDIN": configmaps "none" not found\n',
      );
    });
  });

  describe("kctl edit", () => {
    /** An editor that does these changes, one each time it is opened, and notes what it was shown. */
    const editor = (shown: string[], ...changes: ((text: string) => string)[]): KctlOptions => ({
      environment: { EDITOR: "ed -s" },
      runInForeground: async (_, args) => {
        const path = args.at(-1) ?? "";
        const text = await kctl.files.read(path);
        shown.push(text);
        await kctl.files.write(path, (changes.shift() ?? ((same) => same))(text));
        return 0;
      },
    });

    it("applies what was changed", async () => {
      const result = await kctl.run(
        "edit",
        "cm",
        "m",
        editor([], (text) => text.replace("key: old", "key: new")),
      );
      expect(result).to.deep.equal({ code: 0, stdout: "configmap/m edited\n", stderr: "" });
      expect(await value()).to.equal("new");
    });

    it("does nothing where nothing was changed", async () => {
      const result = await kctl.run("edit", "cm", "m", editor([]));
      expect(result).to.deep.equal({ code: 0, stdout: "", stderr: "Edit cancelled, no changes made.\n" });
    });

    it("opens again with the reason where the change is refused", async () => {
      const shown: string[] = [];
      const wrong = (text: string) => text.replace("key: old", "key: new").replace("data:", "dada:");
      const right = (text: string) => text.replace("dada:", "data:");
      const { code, stdout } = await kctl.run("edit", "cm", "m", editor(shown, wrong, right));
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: "configmap/m edited\n" });
      expect(shown[1]).to.contain('unknown field "dada"; did you mean "data"?').and.contain("key: new");
      expect(await value()).to.equal("new");
    });
  });

  describe("kctl diff", () => {
    /** Notes what it is given to compare, and differs. */
    const program = (seen: string[], code: number): KctlOptions => ({
      runInForeground: async (command, args) => {
        for (const folder of args.slice(-2)) {
          for (const name of await kctl.files.list(folder)) seen.push(await kctl.files.read(`${folder}/${name}`));
        }
        expect(command).to.equal("diff");
        return code;
      },
    });

    it("compares what is with what would be, and changes nothing", async () => {
      const seen: string[] = [];
      const { code } = await kctl.run("diff", "-f", "-", { stdin: manifest("new"), ...program(seen, 1) });
      expect(code).to.equal(1);
      expect(seen.map((text) => /key: (\w+)/.exec(text)?.[1])).to.deep.equal(["old", "new"]);
      expect(await value()).to.equal("old");
    });

    it("exits with 2 on errors", async () => {
      const { code, stderr } = await kctl.run("diff", "-f", "none.yaml");
      expect({ code, stderr }).to.deep.equal({ code: 2, stderr: 'error: the path "none.yaml" does not exist\n' });
    });
  });

  it("keeps integers that JavaScript's numbers cannot hold", async () => {
    const stdin =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, generation: 9007199254740993}\nspec: {replicas: 0, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: c}]}}}\n";
    await kctl.out("apply", "-f", "-", { stdin });
    const { metadata } = await cluster.get(deployments, "default/d");
    expect(metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"]).to.contain("9007199254740993");
  });
});
