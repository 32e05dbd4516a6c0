// The stock client library for JavaScript against a real HTTPS server: what applications and operators written with it do.

import { Writable } from "node:stream";
import {
  ApiException,
  CoreV1Api,
  Exec,
  KubernetesObjectApi,
  Log,
  makeInformer,
  PatchStrategy,
  Watch,
  type V1ConfigMap,
  type V1Pod,
  type V1Status,
} from "@kubernetes/client-node";
import { expect } from "chai";
import { InProcessCluster } from "./in-process-cluster.ts";
import { eventually } from "./waiting.ts";

const namespace = "default";
const configMap = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace, labels },
  data,
});

/** Keeps what is written to it. */
class TextSink extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

describe("the client library @kubernetes/client-node", () => {
  let cluster: InProcessCluster;
  let core: CoreV1Api;
  before(async () => {
    cluster = await InProcessCluster.start(["apiserver", "controllers", "scheduler", "kubelet"]);
    core = cluster.kubeconfig.makeApiClient(CoreV1Api);
  });
  after(() => cluster.remove());
  const create = (name: string, data?: Record<string, string>, labels?: Record<string, string>) =>
    core.createNamespacedConfigMap({ namespace, body: configMap(name, data, labels) });

  const failureOf = async (call: Promise<unknown>): Promise<{ code: number; status: V1Status }> => {
    const error: unknown = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ApiException)) throw new Error("the call should have failed with an ApiException");
    return { code: error.code, status: JSON.parse(error.body as string) as V1Status };
  };

  it("creates, reads, replaces, lists and deletes", async () => {
    const created = await create("crud", { a: "1" });
    expect(created.metadata?.creationTimestamp).to.be.instanceOf(Date);
    const body = { ...created, data: { a: "2" } };
    const replaced = await core.replaceNamespacedConfigMap({ namespace, name: "crud", body });
    expect((await core.readNamespacedConfigMap({ namespace, name: "crud" })).data).to.deep.equal({ a: "2" });
    expect(replaced.metadata?.resourceVersion).to.not.equal(created.metadata?.resourceVersion);
    const list = await core.listNamespacedConfigMap({ namespace, fieldSelector: "metadata.name=crud" });
    expect(list.items.map(({ metadata }) => metadata?.name)).to.deep.equal(["crud"]);
    await core.deleteNamespacedConfigMap({ namespace, name: "crud" });
    expect((await failureOf(core.readNamespacedConfigMap({ namespace, name: "crud" }))).code).to.equal(404);
  });

  it("is told what is wrong in a Status", async () => {
    const stale = await create("errors");
    await core.replaceNamespacedConfigMap({ namespace, name: "errors", body: { ...stale, data: { a: "1" } } });
    const cases: [call: () => Promise<unknown>, code: number, reason: string][] = [
      [() => create("errors"), 409, "AlreadyExists"],
      [() => core.replaceNamespacedConfigMap({ namespace, name: "errors", body: stale }), 409, "Conflict"],
      [() => create("Not_A_Name"), 422, "Invalid"],
      [
        () => core.createNamespacedConfigMap({ namespace: "nowhere", body: { metadata: { name: "x" } } }),
        404,
        "NotFound",
      ],
      [() => core.listNamespacedConfigMap({ namespace, labelSelector: "a in" }), 400, "BadRequest"],
    ];
    for (const [call, code, reason] of cases) {
      const failure = await failureOf(call());
      expect([failure.code, failure.status.reason, failure.status.code]).to.deep.equal([code, reason, code]);
    }
  });

  it("patches in each of the ways there are", async () => {
    const objects = KubernetesObjectApi.makeApiClient(cluster.kubeconfig);
    await create("patched", { keep: "1" });
    const patch = (body: object, strategy: PatchStrategy) =>
      objects.patch<V1ConfigMap>(body, undefined, undefined, undefined, undefined, strategy);
    await patch(configMap("patched", { merge: "1" }), PatchStrategy.MergePatch);
    await patch(configMap("patched", { strategic: "1" }), PatchStrategy.StrategicMergePatch);
    const operations = [{ op: "add", path: "/data/json", value: "1" }];
    await core.patchNamespacedConfigMap({ namespace, name: "patched", body: operations });
    const { data } = await core.readNamespacedConfigMap({ namespace, name: "patched" });
    expect(data).to.deep.equal({ keep: "1", merge: "1", strategic: "1", json: "1" });
  });

  it("reads a list page by page", async () => {
    for (const name of ["page-1", "page-2", "page-3"]) await create(name, {}, { paged: "yes" });
    const names: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = await core.listNamespacedConfigMap({
        namespace,
        labelSelector: "paged=yes",
        limit: 2,
        _continue: token,
      });
      names.push(...page.items.map(({ metadata }) => metadata?.name));
      token = page.metadata?._continue;
    } while (token);
    expect(names).to.deep.equal(["page-1", "page-2", "page-3"]);
  });

  it("resumes a watch from a version without missing or repeating anything", async () => {
    const { metadata } = await core.listNamespacedConfigMap({ namespace });
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const seen: string[] = [];
    let version = metadata?.resourceVersion;
    const follow = async (until: number) => {
      let ended = false;
      const onEvent = (type: string, object: V1ConfigMap) => {
        seen.push(`${type} ${object.metadata?.name}`);
        version = object.metadata?.resourceVersion;
      };
      const query = { resourceVersion: version, labelSelector: "watched=yes" };
      const watch = await new Watch(cluster.kubeconfig).watch(path, query, onEvent, () => (ended = true));
      await eventually(`${until} events have come`, () => seen.length >= until);
      watch.abort();
      await eventually("the watch has ended", () => ended);
    };
    await create("watched", {}, { watched: "yes" });
    await follow(1);
    await core.deleteNamespacedConfigMap({ namespace, name: "watched" });
    await create("watched", {}, { watched: "yes" });
    await follow(3);
    expect(seen).to.deep.equal(["ADDED watched", "DELETED watched", "ADDED watched"]);
  });

  it("keeps an informer's cache up to date", async () => {
    const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: "informed=yes" });
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    await create("before", {}, { informed: "yes" });
    const informer = makeInformer<V1ConfigMap>(cluster.kubeconfig, path, list, "informed=yes");
    await informer.start();
    const names = () =>
      informer
        .list(namespace)
        .map(({ metadata }) => metadata?.name ?? "")
        .sort()
        .join();
    expect(names()).to.equal("before");
    await create("after", {}, { informed: "yes" });
    await eventually("the new object is in the cache", () => names() === "after,before");
    await core.deleteNamespacedConfigMap({ namespace, name: "before" });
    await eventually("the deleted object has left the cache", () => names() === "after");
    await informer.stop();
  });

  describe("with a running pod", () => {
    const name = "worker";
    before(async () => {
      const command = ["/bin/sh", "-c", "echo one; echo two; exec sleep 1000"];
      const body: V1Pod = {
        metadata: { name },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: "main", image: "host", command }] },
      };
      await core.createNamespacedPod({ namespace, body });
      await eventually("the pod is ready", async () => {
        const { status } = await core.readNamespacedPod({ namespace, name });
        return status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True");
      });
    });

    it("reads and follows its log", async () => {
      expect(await core.readNamespacedPodLog({ namespace, name })).to.equal("one\ntwo\n");
      expect(await core.readNamespacedPodLog({ namespace, name, tailLines: 1 })).to.equal("two\n");
      const sink = new TextSink();
      const follow = await new Log(cluster.kubeconfig).log(namespace, name, "main", sink, { follow: true });
      await eventually("the log has come", () => sink.text === "one\ntwo\n");
      follow.abort();
    });

    const run = async (command: readonly string[]) => {
      const [stdout, stderr] = [new TextSink(), new TextSink()];
      const status = await new Promise<V1Status>((resolve, reject) => {
        const exec = new Exec(cluster.kubeconfig);
        exec.exec(namespace, name, "main", [...command], stdout, stderr, null, false, resolve).catch(reject);
      });
      return { status, stdout: stdout.text, stderr: stderr.text };
    };

    it("runs programs in it, and is told how they ended", async () => {
      const fine = await run(["/bin/sh", "-c", "echo out; echo err >&2"]);
      expect([fine.stdout, fine.stderr, fine.status.status]).to.deep.equal(["out\n", "err\n", "Success"]);
      const failed = await run(["/bin/sh", "-c", "exit 3"]);
      expect(failed.status.reason).to.equal("NonZeroExitCode");
      expect(failed.status.details?.causes?.[0]).to.deep.include({ reason: "ExitCode", message: "3" });
    });

    it("deletes it", async () => {
      await core.deleteNamespacedPod({ namespace, name });
      await eventually("the pod is gone", async () => {
        const { items } = await core.listNamespacedPod({ namespace });
        return items.length === 0;
      });
    });
  });
});
