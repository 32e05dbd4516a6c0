// What a server says of unknown and duplicate fields in built-in kinds, by the verb and the wish of the client.

import { expect } from "chai";
import type { InProcessCluster } from "../in-process-cluster.ts";
import { APPLY, JSON_PATCH, MERGE, STRATEGIC, type Answer, type ApiClient } from "./api-client.ts";
import { startConformanceCluster } from "./conformance-cluster.ts";

const collection = "/apis/apps/v1/namespaces/test/deployments";

/** Duplicates cannot be said with JSON.stringify. */
const deployment = (name: string, { unknown = "", duplicate = "" } = {}) => `{
  "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "${name}", "labels": {"app": "nginx"}},
  "spec": {
    ${unknown}
    "replicas": 1,${duplicate}
    "selector": {"matchLabels": {"app": "nginx"}},
    "template": {
      "metadata": {"labels": {"app": "nginx"}},
      "spec": {"containers": [{
        "name": "nginx", "image": "nginx:latest",${unknown}
        "imagePullPolicy": "Never"${duplicate && ', "imagePullPolicy": "Always"'}
      }]}
    }
  }
}`;
const bad = (name: string) =>
  deployment(name, { unknown: '"unknown1": "val1",', duplicate: '"paused": true, "paused": false,' });

const UNKNOWN = [`unknown field "spec.template.spec.containers[0].unknown1"`, `unknown field "spec.unknown1"`];
const DUPLICATE = [
  `duplicate field "spec.paused"`,
  `duplicate field "spec.template.spec.containers[0].imagePullPolicy"`,
];

const warningsOf = ({ headers }: Answer) =>
  [headers.warning ?? []]
    .flat()
    .flatMap((line) =>
      [...line.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text.replaceAll('\\"', '"')),
    );

describe("conformance: field validation of built-in kinds", () => {
  let cluster: InProcessCluster;
  let api: ApiClient;
  before(async () => {
    ({ cluster, api } = await startConformanceCluster());
    await api.post(collection, JSON.parse(deployment("there")));
  });
  after(() => cluster.remove());

  const patch = `{"spec": {"unknown1": "val1", "paused": true, "paused": false,
    "template": {"spec": {"containers": [{"name": "nginx", "image": "nginx:latest", "unknown1": "x", "imagePullPolicy": "Never", "imagePullPolicy": "Always"}]}}}}`;
  const jsonPatch = `[
    {"op": "add", "path": "/spec/unknown1", "value": "val1", "foo": "bar"},
    {"op": "add", "path": "/spec/template/spec/containers/0/unknown1", "value": "x", "path": "/spec/template/spec/containers/0/unknown1"}
  ]`;

  interface Case {
    readonly what: string;
    readonly send: (query: string) => Promise<Answer>;
    readonly found: readonly string[];
    /** What comes before the list of what is wrong. */
    readonly prefix: RegExp;
  }
  const cases: readonly Case[] = [
    {
      what: "create",
      send: (query) => api.ask("POST", `${collection}?dryRun=All&${query}`, { body: bad("created") }),
      found: [...UNKNOWN, ...DUPLICATE],
      prefix: /^Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: /,
    },
    {
      what: "update",
      send: (query) => api.ask("PUT", `${collection}/there?${query}`, { body: bad("there") }),
      found: [...UNKNOWN, ...DUPLICATE],
      prefix: /^Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: /,
    },
    {
      what: "merge patch",
      send: (query) => api.ask("PATCH", `${collection}/there?${query}`, { body: patch, type: MERGE }),
      found: [...UNKNOWN, ...DUPLICATE],
      prefix: /^ "" is invalid: patch: Invalid value: ".*": strict decoding error: /s,
    },
    {
      what: "strategic merge patch",
      send: (query) => api.ask("PATCH", `${collection}/there?${query}`, { body: patch, type: STRATEGIC }),
      found: [...UNKNOWN, ...DUPLICATE],
      prefix: /^ "" is invalid: patch: Invalid value: ".*": strict decoding error: /s,
    },
    {
      what: "JSON patch",
      send: (query) => api.ask("PATCH", `${collection}/there?${query}`, { body: jsonPatch, type: JSON_PATCH }),
      found: [...UNKNOWN, 'json patch unknown field "[0].foo"', 'json patch duplicate field "[1].path"'],
      prefix: /^ "" is invalid: patch: Invalid value: ".*": strict decoding error: /s,
    },
  ];

  for (const { what, send, found, prefix } of cases) {
    it(`refuses a strict ${what}, naming all that is wrong`, async () => {
      const answer = await send("fieldValidation=Strict");
      const isPatch = what.endsWith("patch");
      expect(answer.code).to.equal(isPatch ? 422 : 400);
      expect(answer.data).to.include({ kind: "Status", reason: isPatch ? "Invalid" : "BadRequest" });
      expect(answer.data.message).to.match(prefix);
      for (const problem of found) expect(answer.data.message).to.contain(problem);
    });

    it(`warns of a ${what}, which is the default`, async () => {
      for (const query of ["fieldValidation=Warn", ""]) {
        const answer = await send(query);
        expect(answer.code).to.be.oneOf([200, 201]);
        expect(warningsOf(answer)).to.include.members(found);
      }
    });

    it(`says nothing of a ${what} that is to be ignored`, async () => {
      const answer = await send("fieldValidation=Ignore");
      expect(answer.code).to.be.oneOf([200, 201]);
      expect(warningsOf(answer)).to.deep.equal([]);
      expect(JSON.stringify(answer.data)).not.to.contain("unknown1");
    });
  }

  it("refuses an apply with fields that the kind does not have, whatever is asked", async () => {
    for (const validation of ["Strict", "Warn", "Ignore"]) {
      const path = `${collection}/applied?fieldManager=t&fieldValidation=${validation}`;
      const unknown = deployment("applied", { unknown: '"unknown1": "val1",' });
      const answer = await api.ask("PATCH", path, { body: unknown, type: APPLY });
      expect(answer.code).to.equal(500);
      expect(answer.data.message).to.contain(".spec.unknown1: field not declared in schema");
    }
  });

  it("refuses, warns of or passes over keys that an apply repeats, with their lines", async () => {
    const body = deployment("applied", { duplicate: '"paused": true,\n "paused": false,' });
    const send = (validation: string) => {
      const path = `${collection}/applied?fieldManager=t&dryRun=All&fieldValidation=${validation}`;
      return api.ask("PATCH", path, { body, type: APPLY });
    };
    const strict = await send("Strict");
    expect(strict.code).to.equal(400);
    const [head, ...lines] = strict.data.message?.split("\n  ") ?? [];
    expect(head).to.equal("error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:");
    const expected = ['line 6: key "paused" already set in map', 'line 12: key "imagePullPolicy" already set in map'];
    expect(lines).to.deep.equal(expected);
    const warned = await send("Warn");
    expect(warned.code).to.equal(201);
    for (const line of expected) expect(warningsOf(warned).join()).to.contain(line);
    expect(warningsOf(await send("Ignore"))).to.deep.equal([]);
  });

  it("refuses a validation that it does not know", async () => {
    const answer = await api.ask("POST", `${collection}?fieldValidation=Sometimes`, { body: bad("x") });
    expect(answer.code).to.equal(422);
    expect(answer.data.message).to.contain('fieldValidation: Unsupported value: "Sometimes": supported values: ');
  });

  it("finds unknown and duplicate fields in metadata, at its root and below", async () => {
    const body = `{"apiVersion": "apps/v1", "kind": "Deployment", "unknownMeta": 1,
      "metadata": {"name": "meta", "unknownMeta": "foo", "labels": {"a": "1"}, "labels": {"app": "nginx"}},
      ${deployment("meta").slice(deployment("meta").indexOf('"spec"'))}`;
    const answer = await api.ask("POST", `${collection}?fieldValidation=Strict`, { body });
    expect(answer.code).to.equal(400);
    for (const problem of [
      'unknown field "unknownMeta"',
      'unknown field "metadata.unknownMeta"',
      'duplicate field "metadata.labels"',
    ]) {
      expect(answer.data.message).to.contain(problem);
    }
  });

  it("creates what is right, strictly", async () => {
    const answer = await api.ask("POST", `${collection}?fieldValidation=Strict`, { body: deployment("right") });
    expect(answer.code).to.equal(201);
    expect(warningsOf(answer)).to.deep.equal([]);
  });
});
