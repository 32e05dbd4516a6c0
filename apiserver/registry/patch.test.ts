import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const PATH = "/api/v1/namespaces/default/configmaps";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const TYPES = { json: "json-patch", merge: "merge-patch", strategic: "strategic-merge-patch" } as const;

describe("patching an object", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
    await api.create(PATH, { metadata: { name: "a" }, data: { n: "0", keep: "1" } });
  });
  afterEach(() => api.stop());
  const patch = (type: keyof typeof TYPES, body: unknown, target = `${PATH}/a`) =>
    api.call("PATCH", target, {
      text: JSON.stringify(body),
      headers: { "content-type": `application/${TYPES[type]}+json` },
    });

  const patches: [type: keyof typeof TYPES, body: unknown][] = [
    ["json", [{ op: "replace", path: "/data/n", value: "2" }]],
    ["merge", { data: { n: "2" } }],
    ["strategic", { data: { n: "2" } }],
  ];
  for (const [type, body] of patches) {
    it(`changes what a ${type} patch says and nothing else`, async () => {
      const { code, data } = await patch(type, body);
      expect(code).to.equal(200);
      expect(data).to.deep.include({ data: { n: "2", keep: "1" } });
      expect(await api.get(`${PATH}/a`)).to.deep.equal(data);
    });
  }

  it("merges lists by their keys with a strategic patch", async () => {
    const template = { metadata: { labels: { app: "w" } }, spec: { containers: [{ name: "c", image: "i:1" }] } };
    await api.create(DEPLOYMENTS, {
      metadata: { name: "w" },
      spec: { selector: { matchLabels: { app: "w" } }, template },
    });
    const containers = [{ name: "c", env: [{ name: "A", value: "1" }] }];
    const { data } = await patch("strategic", { spec: { template: { spec: { containers } } } }, `${DEPLOYMENTS}/w`);
    expect(data).to.have.nested.property("spec.template.spec.containers[0].image", "i:1");
    expect(data.metadata.generation).to.equal(2);
  });

  it("applies patches that come at once one upon the other", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `k${index}`);
    const replies = await Promise.all(names.map((name) => patch("merge", { data: { [name]: "x" } })));
    expect(replies.map(({ code }) => code)).to.deep.equal(names.map(() => 200));
    const { data } = (await api.get(`${PATH}/a`)) as unknown as { data: object };
    expect(data).to.have.all.keys("keep", "n", ...names);
  });

  it("holds to the version that the patch names", async () => {
    const { code } = await patch("merge", { metadata: { resourceVersion: "1" }, data: { n: "2" } });
    expect(code).to.equal(409);
  });

  it("changes only the status through the status subresource", async () => {
    const template = { metadata: { labels: { app: "w" } }, spec: { containers: [{ name: "c", image: "i:1" }] } };
    await api.create(DEPLOYMENTS, {
      metadata: { name: "w" },
      spec: { selector: { matchLabels: { app: "w" } }, template },
    });
    const { data } = await patch(
      "merge",
      { spec: { replicas: 9 }, status: { replicas: 1 } },
      `${DEPLOYMENTS}/w/status`,
    );
    expect(data).to.deep.nested.include({ "spec.replicas": 1, "status.replicas": 1 });
    const scaled = await patch("merge", { spec: { replicas: 3 } }, `${DEPLOYMENTS}/w/scale`);
    expect(scaled.data).to.deep.include({ kind: "Scale", spec: { replicas: 3 } });
  });

  it("writes nothing when nothing changes", async () => {
    const revision = await api.store.revision();
    expect((await patch("merge", { data: { n: "0" } })).code).to.equal(200);
    expect(await api.store.revision()).to.equal(revision);
  });

  it("refuses what it cannot apply", async () => {
    expect((await patch("merge", { data: {} }, `${PATH}/missing`)).code).to.equal(404);
    expect((await patch("merge", { metadata: { name: "b" } })).code).to.equal(400);
    expect((await patch("merge", { data: { n: 7 } })).code).to.equal(422);
    expect((await patch("json", [{ op: "test", path: "/data/n", value: "9" }])).code).to.equal(422);
    const other = await api.call("PATCH", `${PATH}/a`, { text: "{}", headers: { "content-type": "application/json" } });
    expect(other.code).to.equal(415);
    expect(other.data.message).to.equal(
      "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml",
    );
  });

  describe("that does not fit the kind", () => {
    const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
    const types = {
      merge: "application/merge-patch+json",
      strategic: "application/strategic-merge-patch+json",
      json: "application/json-patch+json",
    } as const;
    const ask = async (type: keyof typeof types, text: string, level: string) => {
      const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
      const spec = { selector: { matchLabels: { a: "b" } }, template };
      await api.call("POST", DEPLOYMENTS, { body: { metadata: { name: "d" }, spec } });
      const headers = { "content-type": types[type] };
      return api.call("PATCH", `${DEPLOYMENTS}/d?fieldValidation=${level}`, { text, headers });
    };
    const UNKNOWN = '{"spec":{"replicas":2,"unknown":1,"replicas":3}}';

    for (const type of ["merge", "strategic"] as const) {
      it(`is refused, warned of or passed over, as the client asks, in a ${type} patch`, async () => {
        const strict = await ask(type, UNKNOWN, "Strict");
        expect(strict.code).to.equal(422);
        expect(strict.data.message).to.match(
          /^ "" is invalid: patch: Invalid value: ".*": strict decoding error: .*unknown field "spec.unknown"/,
        );
        expect(strict.data.message).to.contain('duplicate field "spec.replicas"');
        const warned = await ask(type, UNKNOWN, "Warn");
        expect(warned.code).to.equal(200);
        expect(warned.headers.warning).to.contain('unknown field \\"spec.unknown\\"');
        expect((await ask(type, UNKNOWN, "Ignore")).headers).to.not.have.property("warning");
      });
    }

    it("is refused in a JSON patch", async () => {
      const { code, data } = await ask("json", '[{"op":"add","path":"/spec/unknown","value":1}]', "Strict");
      expect(code).to.equal(422);
      expect(data.message).to.contain('strict decoding error: unknown field "spec.unknown"');
    });

    const refusals: [type: keyof typeof types, text: string, code: number, message: RegExp][] = [
      [
        "merge",
        '{"spec":{"replicas":"x"}}',
        422,
        /patch: Invalid value: .*cannot unmarshal string into Go struct field/,
      ],
      [
        "strategic",
        '{"spec":{"replicas":"x"}}',
        422,
        /^ "" is invalid: patch: Invalid value: "map\[spec:map\[replicas:x\]\]": unrecognized type: int32$/,
      ],
      ["merge", "[]", 400, /^error decoding patch: json: cannot unmarshal array into Go value of type map/],
      ["strategic", '"x"', 400, /^error decoding patch: json: cannot unmarshal string into Go value of type map/],
      ["merge", "{", 400, /^error decoding patch: /],
      ["json", "{", 400, /^error decoding patch: /],
      ["merge", '{"apiVersion":"v9"}', 400, /^the API version in the data/],
    ];
    for (const [type, text, code, message] of refusals) {
      it(`is told so: ${type} ${text}`, async () => {
        const reply = await ask(type, text, "");
        expect(reply.code).to.equal(code);
        expect(reply.data.message).to.match(message);
      });
    }
  });
});
