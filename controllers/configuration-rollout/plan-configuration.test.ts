import { expect } from "chai";
import { configMaps, type ConfigMap } from "../../api/core/config-map.ts";
import { secrets, type Secret } from "../../api/core/secret.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { planConfiguration } from "./plan-configuration.ts";
import { readPinnedNames } from "./pinned-template.ts";
import { buildSnapshot, type Configuration } from "./snapshot.ts";
import type { Reference } from "./template-references.ts";

const map = (name: string, fields: object = {}): ConfigMap =>
  storedObject(configMaps, { metadata: { name }, data: { color: "red" }, ...fields });
const copyOf = (original: Configuration, attempt = 0): Configuration => {
  const { metadata, ...content } = buildSnapshot(original, attempt);
  return storedObject(configMaps, { metadata, ...content });
};
const nameOf = (original: Configuration, attempt = 0) => buildSnapshot(original, attempt).metadata.name ?? "";
const reference = (name: string, more: Partial<Reference> = {}): Reference => ({
  kind: "ConfigMap",
  name,
  isOptional: false,
  ...more,
});

function plan(reference: Reference, there: readonly Configuration[], names: Readonly<Record<string, string>> = {}) {
  const find = (_kind: string, name: string) => there.find(({ metadata }) => metadata.name === name);
  const { create, ...planned } = planConfiguration([reference], { names, find });
  const [name] = Object.values(planned.names);
  return { name, missing: planned.missing, created: create.map(({ snapshot }) => snapshot.metadata.name) };
}

describe("the copies that a Deployment runs with", () => {
  const settings = map("settings");

  it("are made of what has none", () => {
    const name = nameOf(settings);
    expect(plan(reference("settings"), [settings])).to.deep.equal({ name, missing: [], created: [name] });
  });

  it("are those that there are", () => {
    const copy = copyOf(settings);
    expect(plan(reference("settings"), [settings, copy])).to.deep.equal({
      name: nameOf(settings),
      missing: [],
      created: [],
    });
  });

  it("have another name for other content, whatever the order of the keys", () => {
    const ab = map("settings", { data: { a: "1", b: "2" } });
    expect(nameOf(ab)).to.equal(nameOf(map("settings", { data: { b: "2", a: "1" } })));
    expect(nameOf(ab)).to.not.equal(nameOf(settings));
    expect(nameOf(map("settings", { data: undefined, binaryData: { color: "red" } }))).to.not.equal(nameOf(settings));
  });

  it("avoid a name that somebody else has taken, and give up where all are", () => {
    const squatter = (attempt: number) => map(nameOf(settings, attempt));
    expect(plan(reference("settings"), [settings, squatter(0)]).created).to.deep.equal([nameOf(settings, 1)]);
    const all = [0, 1, 2, 3, 4].map(squatter);
    const { name, missing } = plan(reference("settings"), [settings, ...all]);
    expect([name, missing]).to.deep.equal([
      "settings",
      ["every name for a copy of ConfigMap/settings is taken by something else; it is not pinned"],
    ]);
  });

  it("fit into a name, however long the original's is", () => {
    const long = map(`${"a".repeat(241)}.${"b".repeat(11)}`);
    expect(nameOf(long))
      .to.match(/^a{241}-\w{10}$/)
      .and.have.length.of.at.most(253);
  });

  it("are not made of what is immutable, or a service account's token", () => {
    expect(plan(reference("settings"), [map("settings", { immutable: true })])).to.deep.equal({
      name: "settings",
      missing: [],
      created: [],
    });
    const token: Secret = storedObject(secrets, {
      metadata: { name: "token" },
      type: "kubernetes.io/service-account-token",
    });
    expect(plan(reference("token", { kind: "Secret" }), [token]).name).to.equal("token");
  });

  it("are absent where something optional is, and stay so once that is pinned", () => {
    const optional = { isOptional: true };
    expect(plan(reference("settings", optional), [])).to.deep.equal({
      name: "settings-absent",
      missing: [],
      created: [],
    });
    expect(plan(reference("settings-absent", optional), []).name).to.equal("settings-absent");
  });

  it("outlive the original, if it is theirs", () => {
    const copy = copyOf(settings);
    const names = { "ConfigMap/settings": nameOf(settings) };
    expect(plan(reference("settings"), [copy], names).name).to.equal(nameOf(settings));
    expect(plan(reference("settings"), [map(nameOf(settings))], names)).to.deep.equal({
      name: "settings",
      missing: ['ConfigMap "settings" is missing; pods that need it wait for it'],
      created: [],
    });
  });

  it("are unknown where the note cannot be read", () => {
    for (const note of ["{", "7", "null", "[]", '{"ConfigMap/a":1}']) {
      const names = readPinnedNames({
        metadata: { ...settings.metadata, annotations: { "kctl.dev/configuration": note } },
      });
      expect(Object.keys(names ?? {}), note).to.deep.equal([]);
    }
  });
});
