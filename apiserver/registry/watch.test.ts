import { expect } from "chai";
import type { KubeObject } from "../../api/meta/object.ts";
import { ApiHarness } from "../../testing/api-harness.ts";

const PATH = "/api/v1/namespaces/default/configmaps";
const configMap = (name: string, labels: object = {}) => ({ metadata: { name, labels }, data: {} });

describe("watching objects", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
    await api.create(PATH, configMap("a"));
  });
  afterEach(() => api.stop());
  const settle = () => api.clock.advance(0);
  const relabel = (name: string, labels: object) =>
    api.call("PUT", `${PATH}/${name}`, { body: configMap(name, labels) });

  it("begins with what there is, unless a version is named", async () => {
    const watch = await api.watch(`${PATH}?watch=true`);
    const { metadata } = await api.create(PATH, configMap("b"));
    const later = await api.watch(`${PATH}?watch=true&resourceVersion=${metadata.resourceVersion}`);
    await relabel("a", { x: "y" });
    await api.call("DELETE", `${PATH}/b`);
    await settle();
    expect(watch.summary).to.deep.equal(["ADDED a", "ADDED b", "MODIFIED a", "DELETED b"]);
    expect(later.summary).to.deep.equal(["MODIFIED a", "DELETED b"]);
    await Promise.all([watch.stop(), later.stop()]);
  });

  it("resumes after any version that is still known", async () => {
    const { metadata } = await api.get(`${PATH}/a`);
    for (const name of ["b", "c"]) await api.create(PATH, configMap(name));
    const watch = await api.watch(`${PATH}?watch=1&resourceVersion=${metadata.resourceVersion}`);
    await settle();
    expect(watch.summary).to.deep.equal(["ADDED b", "ADDED c"]);
    await watch.stop();
  });

  it("tells those who select what comes into view and what leaves it", async () => {
    const watch = await api.watch(`${PATH}?watch=true&labelSelector=on=yes`);
    await relabel("a", { on: "yes" });
    await relabel("a", { on: "yes", more: "1" });
    await relabel("a", {});
    await api.call("DELETE", `${PATH}/a`);
    await settle();
    expect(watch.summary).to.deep.equal(["ADDED a", "MODIFIED a", "DELETED a"]);
    const last = watch.events[2]?.object as KubeObject;
    expect(last.metadata.labels).to.deep.equal({ on: "yes", more: "1" });
    expect(last.metadata.resourceVersion).to.not.equal(
      (watch.events[1]?.object as KubeObject).metadata.resourceVersion,
    );
    await watch.stop();
  });

  const OLDER_PATHS: [path: string, names: string[]][] = [
    ["/api/v1/watch/configmaps", ["ADDED a", "ADDED b"]],
    ["/api/v1/watch/namespaces/default/configmaps", ["ADDED a", "ADDED b"]],
    ["/api/v1/watch/namespaces/default/configmaps/b", ["ADDED b"]],
    ["/api/v1/watch/namespaces/default/configmaps/b?fieldSelector=metadata.name%3Db", ["ADDED b"]],
    ["/api/v1/watch/namespaces/kube-public", ["ADDED kube-public"]],
    ["/apis/apps/v1/watch/deployments", []],
  ];
  for (const [path, names] of OLDER_PATHS) {
    it(`serves the older path ${path}`, async () => {
      await api.create(PATH, configMap("b"));
      const watch = await api.watch(path);
      await settle();
      expect(watch.summary).to.deep.equal(names);
      await watch.stop();
    });
  }

  const strays: [method: string, path: string, code: number][] = [
    ["GET", "/api/v1/watch/namespaces/default/configmaps/b?fieldSelector=metadata.name%3Dc", 400],
    ["GET", "/api/v1/watch/configmaps/b", 404],
    ["GET", "/api/v1/watch/namespaces/default/pods/b/status", 404],
    ["GET", "/api/v1/watch", 404],
    ["POST", "/api/v1/watch/configmaps", 405],
    ["DELETE", "/api/v1/watch/namespaces/default/configmaps/b", 405],
  ];
  for (const [method, path, code] of strays) {
    it(`refuses ${method} ${path}`, async () => {
      expect((await api.call(method, path)).code).to.equal(code);
    });
  }

  it("begins from now where the initial objects are not wanted", async () => {
    const options = "sendInitialEvents=false&resourceVersionMatch=NotOlderThan";
    const watches = await Promise.all(
      ["", "&resourceVersion=0"].map((version) => api.watch(`${PATH}?watch=true&${options}${version}`)),
    );
    await api.create(PATH, configMap("b"));
    await settle();
    for (const watch of watches) {
      expect(watch.summary).to.deep.equal(["ADDED b"]);
      await watch.stop();
    }
  });

  it("waits for a version that is to come", async () => {
    const { metadata } = await api.get(`${PATH}/a`);
    const watch = await api.watch(`${PATH}?watch=true&resourceVersion=${Number(metadata.resourceVersion) + 1}`);
    for (const name of ["b", "c"]) await api.create(PATH, configMap(name));
    await settle();
    expect(watch.summary).to.deep.equal(["ADDED c"]);
    await watch.stop();
  });

  it("says by an event that the version to begin with does not come", async () => {
    const query =
      "watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&resourceVersion=99999";
    const opening = api.watch(`${PATH}?${query}`);
    await api.clock.advance(3000);
    const watch = await opening;
    await watch.ended;
    expect(watch.events.map(({ type }) => type)).to.deep.equal(["ERROR"]);
    expect(watch.events[0]?.object).to.include({ code: 504, reason: "Timeout" });
  });

  it("encodes an event once for all who watch", async () => {
    const watches = await Promise.all([api.watch(`${PATH}?watch=true`), api.watch(`${PATH}?watch=true`)]);
    await api.create(PATH, configMap("b"));
    await settle();
    const [first, second] = watches.map(({ events }) => events[1]?.line());
    expect(first).to.equal(second);
    expect(JSON.parse(Buffer.from(first ?? []).toString())).to.deep.equal({
      type: "ADDED",
      object: await api.get(`${PATH}/b`),
    });
    await Promise.all(watches.map((watch) => watch.stop()));
  });

  it("marks the end of the initial events with a bookmark where asked to", async () => {
    const watch = await api.watch(
      `${PATH}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`,
    );
    await settle();
    expect(watch.summary).to.deep.equal(["ADDED a", "BOOKMARK"]);
    const { metadata } = watch.events[1]?.object as KubeObject;
    expect(metadata.annotations).to.deep.equal({ "k8s.io/initial-events-end": "true" });
    await watch.stop();
  });

  it("sends bookmarks about once a minute while only other things change", async () => {
    const watch = await api.watch(`${PATH}?watch=true&allowWatchBookmarks=true`);
    for (let second = 0; second < 65; second += 1) {
      if (second % 10 === 0)
        await api.create("/api/v1/namespaces/default/secrets", { metadata: { generateName: "s-" } });
      await api.clock.advance(1000);
    }
    expect(watch.summary).to.deep.equal(["ADDED a", "BOOKMARK"]);
    const { metadata } = watch.events[1]?.object as KubeObject;
    expect(Number(metadata.resourceVersion)).to.be.greaterThan(
      Number((await api.get(`${PATH}/a`)).metadata.resourceVersion),
    );
    await watch.stop();
  });

  it("sends a last bookmark just before it ends", async () => {
    const watch = await api.watch(`${PATH}?watch=true&allowWatchBookmarks=true&timeoutSeconds=10`);
    await api.create("/api/v1/namespaces/default/secrets", { metadata: { name: "s" } });
    for (let second = 0; second < 10; second += 1) await api.clock.advance(1000);
    await watch.ended;
    expect(watch.summary).to.deep.equal(["ADDED a", "BOOKMARK"]);
  });

  it("sends no bookmark, not even of the initial events, where none is asked for", async () => {
    const watch = await api.watch(`${PATH}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`);
    await settle();
    expect(watch.summary).to.deep.equal(["ADDED a"]);
    await watch.stop();
  });

  it("ends after the time asked for", async () => {
    const watch = await api.watch(`${PATH}?watch=true&timeoutSeconds=5`);
    await api.clock.advance(5000);
    await watch.ended;
    expect(watch.summary).to.deep.equal(["ADDED a"]);
  });

  it("goes on after a restart of the server as if nothing had been", async () => {
    const { metadata } = await api.get(`${PATH}/a`);
    await relabel("a", { on: "yes" });
    await relabel("a", {});
    await api.call("DELETE", `${PATH}/a`);
    api.stop();
    const restarted = await ApiHarness.start({ store: api.store });
    const watch = await restarted.watch(`${PATH}?watch=true&resourceVersion=${metadata.resourceVersion}`);
    const selected = await restarted.watch(
      `${PATH}?watch=true&labelSelector=on&resourceVersion=${metadata.resourceVersion}`,
    );
    await restarted.create(PATH, configMap("b", { on: "yes" }));
    await restarted.clock.advance(0);
    expect(watch.summary).to.deep.equal(["MODIFIED a", "MODIFIED a", "DELETED a", "ADDED b"]);
    expect(selected.summary).to.deep.equal(["ADDED a", "DELETED a", "ADDED b"]);
    await Promise.all([watch.stop(), selected.stop()]);
    restarted.stop();
  });

  it("tells those who ask for forgotten history to list again", async () => {
    api.stop();
    const restarted = await ApiHarness.start({ store: api.store });
    await restarted.create(PATH, configMap("b"));
    await api.store.compact(await api.store.revision());
    const watch = await restarted.watch(`${PATH}?watch=true&resourceVersion=1`);
    await watch.ended;
    expect(watch.events[0]?.type).to.equal("ERROR");
    expect(watch.events[0]?.object).to.include({ kind: "Status", code: 410, reason: "Expired" });
    expect((watch.events[0]?.object as { message: string }).message).to.match(/^too old resource version: 1 \(\d+\)$/);
    restarted.stop();
  });
});
