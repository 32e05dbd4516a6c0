import { expect } from "chai";
import fc from "fast-check";
import type { ManagedFieldsEntry } from "../../api/meta/object-meta.ts";
import { judgedBy } from "../../testing/authorizer.ts";
import { ApiHarness, type Data } from "../../testing/api-harness.ts";
import { pathsOf, type FieldSet } from "../../api/schema/field-set.ts";
import { renderPath } from "../../api/schema/path-element.ts";

const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const WEB = `${DEPLOYMENTS}/web`;
const CONFIG_MAP = "/api/v1/namespaces/default/configmaps/settings";
const IMAGE = '.spec.template.spec.containers[name="c"].image';

/** An empty map would be a field of its own. */
const someOf = (data: object) => (Object.keys(data).length > 0 ? data : undefined);
const entriesOf = ({ metadata }: Data) => metadata.managedFields ?? [];
/** `manager operation subresource`, and the paths. */
const shown = (entry: ManagedFieldsEntry) => ({
  who: [entry.manager, entry.operation, entry.subresource].filter(Boolean).join(" "),
  fields: pathsOf(entry.fieldsV1 as FieldSet).map(renderPath),
});
const ownersOf = (data: Data) => entriesOf(data).map(shown);
const fieldsOf = (data: Data, who: string) => ownersOf(data).find((owner) => owner.who === who)?.fields;

const configMap = (data?: object, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", ...metadata },
  ...(data && { data }),
});

interface Web {
  readonly image?: string;
  readonly replicas?: number;
  readonly containers?: readonly object[];
}
const deployment = ({ image = "i:1", replicas, containers = [{ name: "c", image }] }: Web = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    ...(replicas !== undefined && { replicas }),
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers } },
  },
});

describe("server-side apply", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.stop());

  /** `who`: the manager's name, and more of the query. */
  const apply = (path: string, config: object | string, who = "one") =>
    api.call("PATCH", `${path}?fieldManager=${who}`, {
      text: typeof config === "string" ? config : JSON.stringify(config),
      headers: { "content-type": "application/apply-patch+yaml" },
    });
  const merge = (path: string, patch: object, agent = "editor/1.0") =>
    api.call("PATCH", path, {
      text: JSON.stringify(patch),
      headers: { "content-type": "application/merge-patch+json", "user-agent": agent },
    });

  it("creates what does not exist, and changes nothing the second time", async () => {
    const created = await apply(WEB, deployment({ replicas: 2 }));
    expect(created.code).to.equal(201);
    expect(ownersOf(created.data)).to.deep.equal([
      {
        who: "one Apply",
        fields: [
          ".spec.replicas",
          ".spec.selector",
          ".spec.template.metadata.labels.app",
          '.spec.template.spec.containers[name="c"]',
          IMAGE,
          '.spec.template.spec.containers[name="c"].name',
        ],
      },
    ]);
    await api.clock.advance(5000);
    const again = await apply(WEB, deployment({ replicas: 2 }));
    expect([again.code, again.data]).to.deep.equal([200, created.data]);
  });

  it("reads YAML", async () => {
    const text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: b\n";
    expect((await apply(CONFIG_MAP, text)).data).to.deep.include({ data: { a: "b" } });
  });

  it("removes what the manager does not mention any more, and keeps what others own", async () => {
    await apply(CONFIG_MAP, configMap({ a: "1", b: "1", c: "1" }));
    await apply(CONFIG_MAP, configMap({ b: "1" }), "two");
    await merge(CONFIG_MAP, { data: { d: "1" } });
    const { data } = await apply(CONFIG_MAP, configMap({ a: "1" }));
    expect(data).to.deep.include({ data: { a: "1", b: "1", d: "1" } });
    expect(ownersOf(data)).to.deep.equal([
      // An apply that changes nothing but owners is not dated, and so comes first.
      { who: "two Apply", fields: [".data.b"] },
      { who: "one Apply", fields: [".data.a"] },
      { who: "editor Update", fields: [".data.d"] },
    ]);
    const back = await apply(CONFIG_MAP, configMap({ a: "1", c: "2" }));
    expect(back.data).to.deep.include({ data: { a: "1", b: "1", c: "2", d: "1" } });
  });

  it("sets what is removed to its default", async () => {
    await apply(WEB, deployment({ replicas: 3 }));
    expect((await apply(WEB, deployment())).data).to.have.nested.property("spec.replicas", 1);
  });

  it("refuses to change what another manager owns, and takes it by force", async () => {
    await apply(WEB, deployment({ image: "i:1" }));
    const refused = await apply(WEB, deployment({ image: "i:2" }), "two");
    expect(refused.code).to.equal(409);
    expect(refused.data).to.deep.include({
      reason: "Conflict",
      message: `Apply failed with 1 conflict: conflict with "one": ${IMAGE}`,
      details: { causes: [{ reason: "FieldManagerConflict", message: 'conflict with "one"', field: IMAGE }] },
    });
    const { code, data } = await apply(WEB, deployment({ image: "i:2" }), "two&force=true");
    expect(code).to.equal(200);
    expect(data).to.have.nested.property("spec.template.spec.containers[0].image", "i:2");
    expect(fieldsOf(data, "one Apply")).to.not.include(IMAGE);
    expect(fieldsOf(data, "two Apply")).to.include(IMAGE);
    expect((await apply(WEB, deployment({ image: "i:1" }))).code).to.equal(409);
  });

  it("tells of all conflicts, by manager, and through which subresource and version they came about", async () => {
    await api.call("POST", DEPLOYMENTS, { body: deployment(), headers: { "user-agent": "maker/1" } });
    await merge(`${WEB}/scale`, { spec: { replicas: 3 } }, "scaler/1");
    const { data } = await apply(WEB, deployment({ image: "i:2", replicas: 5 }));
    expect(data.message).to.equal(
      `Apply failed with 2 conflicts: conflicts with "maker" using apps/v1:\n- ${IMAGE}\nconflicts with "scaler" with subresource "scale" using apps/v1:\n- .spec.replicas`,
    );
    expect(data.details?.causes).to.deep.include({
      reason: "FieldManagerConflict",
      message: 'conflict with "scaler" with subresource "scale" using apps/v1',
      field: ".spec.replicas",
    });
  });

  it("shares what two managers want to be the same", async () => {
    await apply(CONFIG_MAP, configMap({ a: "1" }));
    const shared = await apply(CONFIG_MAP, configMap({ a: "1" }), "two");
    expect(ownersOf(shared.data).map(({ fields }) => fields)).to.deep.equal([[".data.a"], [".data.a"]]);
    expect((await apply(CONFIG_MAP, configMap({ a: "2" }))).code).to.equal(409);
    const left = await apply(CONFIG_MAP, configMap());
    expect(left.data).to.deep.include({ data: { a: "1" } });
    expect(ownersOf(left.data).map(({ who }) => who)).to.deep.equal(["two Apply"]);
    expect((await apply(CONFIG_MAP, configMap(), "two")).data).to.not.have.property("data");
  });

  it("tells items of lists by all their keys, and fills in the keys that have defaults", async () => {
    const ports = (...list: object[]) => deployment({ containers: [{ name: "c", image: "i", ports: list }] });
    await apply(WEB, ports({ containerPort: 80 }, { containerPort: 80, protocol: "UDP", name: "u" }));
    const { data } = await apply(WEB, ports({ containerPort: 443, name: "s" }), "two");
    const found = (data as unknown as { spec: { template: { spec: { containers: { ports: object[] }[] } } } }).spec;
    expect(found.template.spec.containers[0]?.ports).to.deep.equal([
      { containerPort: 80, protocol: "TCP" },
      { containerPort: 80, protocol: "UDP", name: "u" },
      { containerPort: 443, name: "s", protocol: "TCP" },
    ]);
  });

  it("replaces atomic values as a whole", async () => {
    const args = (...list: string[]) => deployment({ containers: [{ name: "c", image: "i", args: list }] });
    await apply(WEB, args("a", "b"));
    const { data } = await apply(WEB, args("c"));
    expect(data).to.have.deep.nested.property("spec.template.spec.containers[0].args", ["c"]);
  });

  it("adds to sets, and takes out of them, by the item", async () => {
    const finalizers = (...list: string[]) => configMap(undefined, { finalizers: list });
    await apply(CONFIG_MAP, finalizers("a.io/a", "a.io/b"));
    await apply(CONFIG_MAP, finalizers("a.io/c"), "two");
    const { data } = await apply(CONFIG_MAP, finalizers("a.io/b"));
    expect(data.metadata.finalizers).to.have.members(["a.io/b", "a.io/c"]);
  });

  it("gives what was there before anybody applied one owner", async () => {
    await api.create(DEPLOYMENTS, deployment({ replicas: 2 }));
    await merge(WEB, { metadata: { managedFields: [{}] } });
    expect((await api.get(WEB)).metadata).to.not.have.property("managedFields");
    await merge(WEB, { spec: { replicas: 3 } });
    expect((await api.get(WEB)).metadata).to.not.have.property("managedFields");
    const { data } = await apply(WEB, deployment({ image: "i:2" }));
    expect(data.message).to.equal(
      `Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1: ${IMAGE}`,
    );
    const forced = await apply(WEB, deployment({ image: "i:2" }), "one&force=true");
    expect(fieldsOf(forced.data, "before-first-apply Update")).to.include(".spec.replicas").and.not.include(IMAGE);
  });

  it("writes to a subresource, and owns through it what it can change", async () => {
    await apply(WEB, deployment());
    const status = { ...deployment({ image: "i:9" }), status: { conditions: [{ type: "Done", status: "True" }] } };
    const { code, data } = await apply(`${WEB}/status`, status, "reporter");
    expect([code, data.message]).to.deep.equal([200, undefined]);
    expect(fieldsOf(data, "reporter Apply status")).to.deep.equal([
      '.status.conditions[type="Done"]',
      '.status.conditions[type="Done"].status',
      '.status.conditions[type="Done"].type',
    ]);
    expect(data).to.have.nested.property("spec.template.spec.containers[0].image", "i:1");
    expect((await apply(`${DEPLOYMENTS}/none/status`, { ...status, metadata: { name: "none" } })).code).to.equal(404);
  });

  it("scales", async () => {
    const scale = (replicas: number) => ({
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      metadata: { name: "web" },
      spec: { replicas },
    });
    await apply(WEB, deployment({ replicas: 2 }));
    const refused = await apply(`${WEB}/scale`, scale(5), "scaler");
    expect(refused.data.message).to.equal('Apply failed with 1 conflict: conflict with "one": .spec.replicas');
    const { code, data } = await apply(`${WEB}/scale`, scale(5), "scaler&force=true");
    expect([code, data.kind, data.spec]).to.deep.equal([200, "Scale", { replicas: 5 }]);
    const web = await api.get(WEB);
    expect(web).to.have.nested.property("spec.replicas", 5);
    expect(fieldsOf(web, "scaler Apply scale")).to.deep.equal([".spec.replicas"]);
    expect(fieldsOf(web, "one Apply")).to.not.include(".spec.replicas");
    expect(entriesOf(web).every(({ apiVersion }) => apiVersion === "apps/v1")).to.equal(true);
  });

  it("tries without a trace on dry run", async () => {
    expect((await apply(CONFIG_MAP, configMap({ a: "1" }), "one&dryRun=All")).code).to.equal(201);
    expect((await api.call("GET", CONFIG_MAP)).code).to.equal(404);
  });

  it("needs the right to create for what does not exist", async () => {
    const guarded = await ApiHarness.start({
      authorizer: judgedBy(({ verb }) => (verb === "create" ? "only patches" : undefined)),
    });
    const { code } = await guarded.call("PATCH", `${CONFIG_MAP}?fieldManager=one`, {
      text: JSON.stringify(configMap({ a: "1" })),
      headers: { "content-type": "application/apply-patch+yaml" },
    });
    expect(code).to.equal(403);
    guarded.stop();
  });

  describe("from client-side apply", () => {
    const LAST = "kubectl.kubernetes.io/last-applied-configuration";
    const lastApplied = (data: object) => ({ annotations: { [LAST]: JSON.stringify(configMap(data)) } });

    it("takes over without conflict what kubectl has set itself, and keeps its annotation true", async () => {
      const body = configMap({ a: "1" }, lastApplied({ a: "1" }));
      await api.call("POST", CONFIG_MAP.replace("/settings", "?fieldManager=kubectl-client-side-apply"), { body });
      expect((await apply(CONFIG_MAP, configMap({ a: "2" }), "another")).code).to.equal(409);
      const { code, data } = await apply(CONFIG_MAP, configMap({ a: "2" }), "kubectl");
      expect(code).to.equal(200);
      expect(data.metadata.annotations?.[LAST]).to.equal(
        '{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"settings"}}\n',
      );
    });

    it("finds a conflict where somebody else has changed it since", async () => {
      const body = configMap({ a: "1" }, lastApplied({ a: "1" }));
      await api.call("POST", CONFIG_MAP.replace("/settings", "?fieldManager=kubectl-client-side-apply"), { body });
      await merge(CONFIG_MAP, { data: { a: "3" } });
      const { data } = await apply(CONFIG_MAP, configMap({ a: "2" }), "kubectl");
      expect(data.message).to.equal('Apply failed with 1 conflict: conflict with "editor" using v1: .data.a');
    });
  });

  it("is the only patch that takes by force", async () => {
    await apply(CONFIG_MAP, configMap({ a: "1" }));
    const { code, data } = await merge(`${CONFIG_MAP}?force=true`, {});
    expect(code).to.equal(422);
    expect(data.message).to.contain("force: Forbidden: may not be specified for non-apply patch");
  });

  it("gives each manager what it wants and nobody the loss of another's, whatever they apply", async () => {
    const word = fc.constantFrom("a", "b", "c");
    const step = fc.record({ manager: fc.constantFrom("one", "two", "three"), data: fc.dictionary(word, word) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        await api.call("DELETE", CONFIG_MAP);
        const wanted = new Map<string, Readonly<Record<string, string>>>();
        for (const { manager, data } of steps) {
          const { data: after } = await apply(CONFIG_MAP, configMap(someOf(data)), `${manager}&force=true`);
          const result = (after as unknown as { data?: Record<string, string> }).data ?? {};
          // Forced fields are lost to those who had another value there.
          for (const [other, fields] of wanted) {
            wanted.set(
              other,
              Object.fromEntries(Object.entries(fields).filter(([key, value]) => (data[key] ?? value) === value)),
            );
          }
          wanted.set(manager, data);
          expect(result).to.deep.equal(Object.assign({}, ...wanted.values()));
          for (const [who, fields] of wanted) {
            const keys = Object.keys(fields)
              .sort()
              .map((key) => `.data.${key}`);
            expect(fieldsOf(after, `${who} Apply`) ?? []).to.deep.equal(keys);
          }
          const again = await apply(CONFIG_MAP, configMap(someOf(data)), manager);
          expect([again.code, again.data.metadata.resourceVersion]).to.deep.equal([
            200,
            after.metadata.resourceVersion,
          ]);
        }
      }),
      { numRuns: 40 },
    );
  });
});
