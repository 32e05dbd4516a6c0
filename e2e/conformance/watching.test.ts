// Watches as clients rely on them: order, resuming, selectors that objects enter and leave, bookmarks and streamed lists.

import { expect } from "chai";
import type { InProcessCluster } from "../in-process-cluster.ts";
import type { ApiClient, KubeJson, WatchedEvent } from "./api-client.ts";
import { startConformanceCluster } from "./conformance-cluster.ts";

const configMaps = "/api/v1/namespaces/test/configmaps";
const brief = ({ type, object }: WatchedEvent) => [
  type,
  object.metadata.name,
  (object.data as object | undefined) ?? {},
];
const versionOf = ({ metadata }: KubeJson) => metadata.resourceVersion;

describe("conformance: watching", () => {
  let cluster: InProcessCluster;
  let api: ApiClient;
  before(async () => {
    ({ cluster, api } = await startConformanceCluster());
  });
  after(() => cluster.remove());

  const create = (name: string, labels: Record<string, string> = {}) =>
    api.post(configMaps, { metadata: { name, labels }, data: {} });

  it("tells only the watchers whose selector matches of adding, changing and deleting", async () => {
    const start = `resourceVersion=${versionOf(await api.get(configMaps))}`;
    const watch = (selector: string) =>
      api.watch(`${configMaps}?${start}&labelSelector=${encodeURIComponent(selector)}`);
    const [a, b, both] = [await watch("watch=a"), await watch("watch=b"), await watch("watch in (a,b)")];
    await create("in-a", { watch: "a" });
    await api.patch(`${configMaps}/in-a`, { data: { mutation: "1" } });
    await api.delete(`${configMaps}/in-a`);
    await create("in-b", { watch: "b" });
    const ofA = [
      ["ADDED", "in-a", {}],
      ["MODIFIED", "in-a", { mutation: "1" }],
      ["DELETED", "in-a", { mutation: "1" }],
    ];
    expect((await a.take(3)).map(brief)).to.deep.equal(ofA);
    expect((await both.take(4)).map(brief)).to.deep.equal([...ofA, ["ADDED", "in-b", {}]]);
    expect(brief(await b.next())).to.deep.equal(["ADDED", "in-b", {}]);
    for (const each of [a, b, both]) each.close();
    await api.delete(`${configMaps}/in-b`);
  });

  it("starts after a version, and starts again after the last that was seen", async () => {
    const created = await create("resumed", { watch: "resumed" });
    const first = await api.patch(`${configMaps}/resumed`, { data: { mutation: "1" } });
    await api.patch(`${configMaps}/resumed`, { data: { mutation: "2" } });
    await api.delete(`${configMaps}/resumed`);
    const watch = (version: string) =>
      api.watch(`${configMaps}?labelSelector=watch%3Dresumed&resourceVersion=${version}`);
    const whole = await watch(versionOf(created));
    const expected = [
      ["MODIFIED", "resumed", { mutation: "1" }],
      ["MODIFIED", "resumed", { mutation: "2" }],
      ["DELETED", "resumed", { mutation: "2" }],
    ];
    expect((await whole.take(3)).map(brief)).to.deep.equal(expected);
    whole.close();
    const rest = await watch(versionOf(first));
    const events = await rest.take(2);
    expect(events.map(brief)).to.deep.equal(expected.slice(1));
    const versions = [first, ...events.map(({ object }) => object)].map((object) => Number(versionOf(object)));
    expect(versions, "a deletion has a version of its own").to.deep.equal([...new Set(versions)].sort((x, y) => x - y));
    rest.close();
  });

  it("shows an object that leaves a selection as deleted, and one that comes back as added", async () => {
    const start = versionOf(await create("moving", { watch: "yes" }));
    const watched = await api.watch(`${configMaps}?labelSelector=watch%3Dyes&resourceVersion=${start}`);
    const item = `${configMaps}/moving`;
    await api.patch(item, { data: { mutation: "1" } });
    const left = await api.patch(item, { metadata: { labels: { watch: "no" } } });
    await api.patch(item, { data: { mutation: "2" } });
    await api.patch(item, { metadata: { labels: { watch: "yes" } } });
    await api.patch(item, { data: { mutation: "3" } });
    await api.delete(item);
    const events = await watched.take(5);
    expect(events.map(brief)).to.deep.equal([
      ["MODIFIED", "moving", { mutation: "1" }],
      ["DELETED", "moving", { mutation: "1" }],
      ["ADDED", "moving", { mutation: "2" }],
      ["MODIFIED", "moving", { mutation: "3" }],
      ["DELETED", "moving", { mutation: "3" }],
    ]);
    expect(events[1]?.object.metadata, "as it was when it matched, at the version of the change").to.deep.include({
      labels: { watch: "yes" },
      resourceVersion: versionOf(left),
    });
    watched.close();
  });

  it("gives all watchers that start at one version the same order", async () => {
    const versions: string[] = [versionOf(await api.get(configMaps))];
    const writers = [0, 1, 2, 3].map(async (writer) => {
      for (let round = 0; round < 10; round++) {
        const name = `ordered-${writer}-${round}`;
        versions.push(versionOf(await create(name)));
        await api.patch(`${configMaps}/${name}`, { data: { round: String(round) } });
        await api.delete(`${configMaps}/${name}`);
      }
    });
    await Promise.all(writers);
    const all = await (await api.watch(`${configMaps}?resourceVersion=${versions[0]}`)).take(120);
    const order = all.map(({ object }) => Number(versionOf(object)));
    expect(order).to.deep.equal([...order].sort((a, b) => a - b));
    for (const version of versions.slice(1)) {
      const after = all.filter(({ object }) => Number(versionOf(object)) > Number(version));
      const watched = await api.watch(`${configMaps}?resourceVersion=${version}`);
      expect((await watched.take(after.length)).map(({ object }) => versionOf(object))).to.deep.equal(
        after.map(({ object }) => versionOf(object)),
      );
      watched.close();
    }
  });

  it("sends what is there first, then a bookmark that says so, when a list is streamed", async () => {
    await create("streamed-1", { streamed: "yes" });
    await create("streamed-2", { streamed: "yes" });
    const query = "sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan";
    const watched = await api.watch(`${configMaps}?${query}&labelSelector=streamed%3Dyes`);
    const initial = await watched.take(2);
    expect(initial.map(brief)).to.have.deep.members([
      ["ADDED", "streamed-1", {}],
      ["ADDED", "streamed-2", {}],
    ]);
    const { type, object } = await watched.next();
    expect(type).to.equal("BOOKMARK");
    expect(object).to.include({ kind: "ConfigMap", apiVersion: "v1" });
    expect(object.metadata.annotations).to.deep.equal({ "k8s.io/initial-events-end": "true" });
    const list = await api.get(`${configMaps}?labelSelector=streamed%3Dyes`);
    expect(Number(versionOf(object))).to.be.at.most(Number(versionOf(list)));
    await api.patch(`${configMaps}/streamed-1`, { data: { a: "1" } });
    expect(brief(await watched.next())).to.deep.equal(["MODIFIED", "streamed-1", { a: "1" }]);
    watched.close();
  });

  it("refuses half a wish for a streamed list", async () => {
    const wishes: readonly [query: string, message: string][] = [
      ["sendInitialEvents=true", "resourceVersionMatch"],
      ["resourceVersionMatch=NotOlderThan", "sendInitialEvents"],
      ["sendInitialEvents=true&resourceVersionMatch=Exact&resourceVersion=1", "resourceVersionMatch"],
    ];
    for (const [query, message] of wishes) {
      const { code, data } = await api.ask("GET", `${configMaps}?watch=true&${query}`);
      expect(code, query).to.equal(422);
      expect(data.message, query).to.contain(message);
    }
    expect((await api.ask("GET", `${configMaps}?sendInitialEvents=true`)).code).to.equal(422);
  });

  it("ends a watch after the time that the client has set", async () => {
    const watched = await api.watch(
      `${configMaps}?timeoutSeconds=1&resourceVersion=${versionOf(await api.get(configMaps))}`,
    );
    const ended = await watched.next().then(
      () => "an event",
      (error: Error) => error.message,
    );
    expect(ended).to.equal("the watch has ended");
  });
});
