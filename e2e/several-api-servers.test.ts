// What holds over etcd whatever becomes of an API server: watches lose, repeat and reorder nothing (A3), one of many writers
// wins (A4), trying out leaves no trace (A10), lists come in consistent pages (A13), and two servers behave as one.

import { Watch, type V1ConfigMap } from "@kubernetes/client-node";
import { expect } from "chai";
import { EtcdStore } from "../apiserver/storage/etcd-store.ts";
import { systemClock } from "../lib/clock.ts";
import { emptyRequestBody, objectRequestBody } from "../lib/http.ts";
import { ApiServerProcesses } from "./api-server-processes.ts";
import type { Answered, RawClient } from "./raw-client.ts";
import { eventually } from "./waiting.ts";

const PATH = "/api/v1/namespaces/default/configmaps";
const PREFIX = "/registry/configmaps/default/";
const MERGE = { "content-type": "application/merge-patch+json" };
const configMap = (name: string, data: object = {}, rest: object = {}) =>
  JSON.stringify({ metadata: { name, ...rest }, data });
const versionOf = ({ data }: Answered) => String(data.metadata?.resourceVersion);
const namesIn = ({ text }: Answered) =>
  (JSON.parse(text) as { items: V1ConfigMap[] }).items.map(({ metadata }) => metadata?.name ?? "");

/** What happened to each key: the revisions, and whether it was removed. */
type History = Map<string, string[]>;

function note(history: History, name: string, change: string): void {
  const changes = history.get(name) ?? [];
  changes.push(change);
  history.set(name, changes);
}

/** A client that watches, and goes on where it was whenever the connection ends. */
class Follower {
  readonly history: History = new Map();
  #version: string;
  #failure: Error | undefined;
  #isStopped = false;
  #abort: () => void = () => undefined;

  constructor(
    readonly servers: ApiServerProcesses,
    from: string,
  ) {
    this.#version = from;
    void this.#run();
  }

  get reached(): number {
    if (this.#failure) throw this.#failure;
    return Number(this.#version);
  }

  stop(): void {
    this.#isStopped = true;
    this.#abort();
  }

  async #run(): Promise<void> {
    const watch = new Watch(this.servers.kubeconfig());
    while (!this.#isStopped && !this.#failure) {
      await new Promise<void>((resolve) => {
        const query = { resourceVersion: this.#version, allowWatchBookmarks: true };
        watch
          .watch(
            PATH,
            query,
            (type, object) => this.#take(type, object as V1ConfigMap),
            () => resolve(),
          )
          .then(
            (controller) => (this.#abort = () => controller.abort()),
            () => resolve(),
          );
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  #take(type: string, object: V1ConfigMap): void {
    if (type === "ERROR") {
      this.#failure = new Error(`the watch ended: ${JSON.stringify(object)}`);
      return;
    }
    this.#version = object.metadata?.resourceVersion ?? "";
    if (type === "BOOKMARK") return;
    note(this.history, object.metadata?.name ?? "", `${type === "DELETED" ? "gone" : "is"} ${this.#version}`);
  }
}

/** The same from etcd itself. */
async function historyInEtcd(url: string, after: number, until: number): Promise<History> {
  const store = new EtcdStore({ endpoints: [url], clock: systemClock() });
  const history: History = new Map();
  const stop = new AbortController();
  try {
    for await (const batch of store.watch(PREFIX, after, stop.signal)) {
      for (const { key, value, revision } of batch.events) {
        note(history, key.slice(PREFIX.length), `${value ? "is" : "gone"} ${revision}`);
      }
      if (batch.revision >= until) break;
    }
  } finally {
    stop.abort();
    await store.close();
  }
  return history;
}

describe("API servers over etcd", () => {
  let servers: ApiServerProcesses;
  let client: RawClient;
  let other: RawClient;
  before(async () => {
    servers = await ApiServerProcesses.start(2);
    [client, other] = [servers.client(0), servers.client(1)];
  });
  after(() => servers.remove());
  const create = (name: string, data?: object, rest?: object) =>
    client.ask("POST", PATH, { body: configMap(name, data, rest) });

  it("A3: lose, repeat and reorder nothing for 50 watchers while one is killed twice", async function () {
    this.timeout(600_000);
    const WRITES = 10_000;
    const from = versionOf(await client.ask("GET", PATH));
    const followers = Array.from({ length: 50 }, () => new Follower(servers, from));
    const send = servers.handler();
    const ask = (method: string, path: string, object?: object): Promise<number> =>
      send({
        method,
        path,
        query: new URLSearchParams(),
        headers: { "content-type": method === "PATCH" ? MERGE["content-type"] : "application/json" },
        body: object ? objectRequestBody(object) : emptyRequestBody,
        peer: { address: "" },
        signal: AbortSignal.timeout(30_000),
      }).then(
        async ({ status, body }) => {
          if (body.kind === "stream") for await (const chunk of body.chunks) void chunk;
          return status;
        },
        () => 0,
      );
    let written = 0;
    const work = async (worker: number) => {
      for (let round = 0; written < WRITES; round += 1) {
        const name = `w${worker}-${round % 7}`;
        const removes = round % 7 === 6;
        // Whether a write that was cut off has happened does not matter: etcd's history says.
        const data = { round: String(round) };
        const code = removes
          ? await ask("DELETE", `${PATH}/${name}`)
          : await ask("POST", PATH, { metadata: { name }, data });
        if (code === 409) await ask("PATCH", `${PATH}/${name}`, { data });
        if (code === 0) await new Promise((resolve) => setTimeout(resolve, 50));
        else written += 1;
      }
    };
    const writing = Promise.all(Array.from({ length: 16 }, (_, worker) => work(worker)));
    for (const share of [0.3, 0.6]) {
      await eventually("so many writes are done", () => written > WRITES * share, 200_000);
      await servers.kill(0);
      await servers.revive(0);
    }
    await writing;
    const last = Number(versionOf(await create("last")));
    try {
      await eventually("all watchers have seen the last write", () =>
        followers.every(({ reached }) => reached >= last),
      );
    } finally {
      followers.forEach((follower) => follower.stop());
    }
    const expected = await historyInEtcd(servers.etcdUrl, Number(from), last);
    expect([...expected.values()].reduce((sum, changes) => sum + changes.length, 0)).to.be.greaterThan(WRITES / 2);
    for (const { history } of followers) {
      expect(Object.fromEntries(history)).to.deep.equal(Object.fromEntries(expected));
    }
  });

  it("A4: let one of 100 writers of one version win, and tell the others", async () => {
    const resourceVersion = versionOf(await create("contended"));
    const codes = await Promise.all(
      Array.from({ length: 100 }, async (_, writer) => {
        const body = configMap("contended", { writer: String(writer) }, { resourceVersion });
        const { code } = await (writer % 2 ? client : other).ask("PUT", `${PATH}/contended`, { body });
        return code;
      }),
    );
    expect(codes.filter((code) => code === 200)).to.have.length(1);
    expect(codes.filter((code) => code === 409)).to.have.length(99);
  });

  it("A10: try without a trace", async () => {
    await create("tried", { a: "1" });
    await client.ask("POST", "/api/v1/namespaces/default/serviceaccounts", { body: '{"metadata":{"name":"default"}}' });
    const before = versionOf(await client.ask("GET", PATH));
    const dry = "?dryRun=All";
    const pod = '{"metadata":{"generateName":"p-"},"spec":{"containers":[{"name":"a","image":"b"}]}}';
    const created = await client.ask("POST", `/api/v1/namespaces/default/pods${dry}`, { body: pod });
    expect(created.data.spec).to.include({ restartPolicy: "Always", schedulerName: "default-scheduler" });
    const patched = await client.ask("PATCH", `${PATH}/tried${dry}`, { body: '{"data":{"a":"2"}}', headers: MERGE });
    expect(patched.data.data).to.deep.equal({ a: "2" });
    expect((await client.ask("PUT", `${PATH}/tried${dry}`, { body: configMap("tried") })).code).to.equal(200);
    expect((await client.ask("DELETE", `${PATH}/tried${dry}`)).code).to.equal(200);
    expect((await client.ask("DELETE", `${PATH}${dry}`)).code).to.equal(200);
    expect(versionOf(await client.ask("GET", PATH))).to.equal(before);
    expect((await client.ask("GET", `${PATH}/tried`)).data.data).to.deep.equal({ a: "1" });
  });

  it("A13: give pages of one moment, from either server", async () => {
    const label = { labels: { paged: "yes" } };
    for (const name of ["p1", "p2", "p3", "p4", "p5"]) await create(name, {}, label);
    const query = `${PATH}?limit=2&labelSelector=paged%3Dyes`;
    const first = await client.ask("GET", query);
    await create("p0", {}, label);
    await client.ask("DELETE", `${PATH}/p3`);
    const seen = namesIn(first);
    let page = first;
    while (page.data.metadata?.continue) {
      page = await other.ask("GET", `${query}&continue=${page.data.metadata.continue as string}`);
      expect(versionOf(page)).to.equal(versionOf(first));
      seen.push(...namesIn(page));
    }
    expect(seen).to.deep.equal(["p1", "p2", "p3", "p4", "p5"]);
  });

  it("behave as one: what one has answered, the other shows at once", async () => {
    for (let round = 0; round < 50; round += 1) {
      const [one, two] = round % 2 ? [client, other] : [other, client];
      const name = `shared-${round}`;
      const created = await one.ask("POST", PATH, { body: configMap(name) });
      expect(created.code).to.equal(201);
      expect(versionOf(await two.ask("GET", `${PATH}/${name}`))).to.equal(versionOf(created));
      expect(namesIn(await two.ask("GET", PATH))).to.include(name);
      expect((await two.ask("POST", PATH, { body: configMap(name) })).code).to.equal(409);
      const body = configMap(name, { a: "1" }, { resourceVersion: versionOf(created) });
      expect((await two.ask("PUT", `${PATH}/${name}`, { body })).code).to.equal(200);
      expect((await one.ask("PUT", `${PATH}/${name}`, { body })).code).to.equal(409);
      expect((await one.ask("DELETE", `${PATH}/${name}`)).code).to.equal(200);
      expect((await two.ask("GET", `${PATH}/${name}`)).code).to.equal(404);
    }
  });

  it("behave as one: a version of one is a place in the other's watches and lists", async () => {
    const { metadata } = JSON.parse((await create("place", { a: "1" })).text) as V1ConfigMap;
    await client.ask("PATCH", `${PATH}/place`, { body: '{"data":{"a":"2"}}', headers: MERGE });
    const version = metadata?.resourceVersion ?? "";
    const older = await other.ask("GET", `${PATH}?resourceVersion=${version}&resourceVersionMatch=Exact`);
    const [seen] = (JSON.parse(older.text) as { items: V1ConfigMap[] }).items.filter(
      (each) => each.metadata?.name === "place",
    );
    expect(seen?.data).to.deep.equal({ a: "1" });
    const query = `watch=true&resourceVersion=${version}&timeoutSeconds=1&fieldSelector=metadata.name%3Dplace`;
    const { text } = await other.ask("GET", `${PATH}?${query}`);
    const events = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; object: V1ConfigMap });
    expect(events.map(({ type, object }) => [type, object.data])).to.deep.equal([["MODIFIED", { a: "2" }]]);
  });
});
