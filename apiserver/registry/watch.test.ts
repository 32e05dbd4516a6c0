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

  it("ends after the time asked for", async () => {
    const watch = await api.watch(`${PATH}?watch=true&timeoutSeconds=5`);
    await api.clock.advance(5000);
    await watch.ended;
    expect(watch.summary).to.deep.equal(["ADDED a"]);
  });

  it("tells those who ask for forgotten history to list again", async () => {
    api.stop();
    const restarted = await ApiHarness.start({ store: api.store });
    await restarted.create(PATH, configMap("b"));
    const watch = await restarted.watch(`${PATH}?watch=true&resourceVersion=1`);
    await watch.ended;
    expect(watch.events[0]?.type).to.equal("ERROR");
    expect(watch.events[0]?.object).to.include({ kind: "Status", code: 410, reason: "Expired" });
    restarted.stop();
  });
});
