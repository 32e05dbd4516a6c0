import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { ApiHarness } from "../../testing/api-harness.ts";

const PODS = "/api/v1/namespaces/default/pods";
const ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";
const TOKEN_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";
const container = { name: "c", image: "i" };

describe("the service accounts of pods", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start({ disabledAdmission: [] });
    await api.create(ACCOUNTS, { metadata: { name: "default" }, imagePullSecrets: [{ name: "registry" }] });
  });
  afterEach(() => api.stop());
  const create = async (spec: object = {}, metadata: object = {}) => {
    const body = { metadata: { name: "p", ...metadata }, spec: { containers: [container], ...spec } };
    const { code, data } = await api.call("POST", PODS, { body });
    return { code, data, pod: data as unknown as Pod };
  };
  const expectRefused = async (spec: object, detail: string, metadata?: object) => {
    const { code, data } = await create(spec, metadata);
    expect([code, data.message]).to.deep.equal([403, `pods "p" is forbidden: ${detail}`]);
  };

  /** Lets time pass until there is an answer. */
  const passingTime = async <T>(answer: Promise<T>): Promise<T> => {
    let isThere = false;
    const done = answer.finally(() => (isThere = true));
    while (!isThere) await api.clock.advance(50);
    return done;
  };

  it("are the default one, whose token every container finds where clients look for it", async () => {
    const { pod } = await create({ initContainers: [{ name: "i", image: "i" }] });
    expect(pod.spec).to.include({ serviceAccountName: "default", serviceAccount: "default" });
    expect(pod.spec.imagePullSecrets).to.deep.equal([{ name: "registry" }]);
    const [volume] = pod.spec.volumes ?? [];
    expect(volume?.name).to.match(/^kube-api-access-[a-z0-9]{5}$/);
    expect(volume?.projected).to.deep.equal({
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
          },
        },
      ],
    });
    const mount = { name: volume?.name, readOnly: true, mountPath: TOKEN_DIRECTORY };
    for (const each of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
      expect(each.volumeMounts).to.deep.equal([mount]);
    }
  });

  it("must exist", async () => {
    const detail = 'error looking up service account default/none: serviceaccount "none" not found';
    await expectRefused({ serviceAccountName: "none" }, detail);
  });

  it("are waited for where a new namespace gets its default one in a moment", async () => {
    await api.create("/api/v1/namespaces", { metadata: { name: "new" } });
    const accounts = "/api/v1/namespaces/new/serviceaccounts";
    const body = { metadata: { name: "p" }, spec: { containers: [container] } };
    const created = api.call("POST", "/api/v1/namespaces/new/pods", { body });
    await api.clock.advance(100);
    await api.create(accounts, { metadata: { name: "default" } });
    expect((await passingTime(created)).code).to.equal(201);
    await api.call("DELETE", `${accounts}/default`);
    const refused = api.call("POST", "/api/v1/namespaces/new/pods", { body: { ...body, metadata: { name: "q" } } });
    expect((await passingTime(refused)).code).to.equal(403);
  });

  const automount: [account: boolean | undefined, pod: boolean | undefined, isMounted: boolean][] = [
    [undefined, undefined, true],
    [false, undefined, false],
    [false, true, true],
    [true, false, false],
  ];
  for (const [account, own, isMounted] of automount) {
    it(`give ${isMounted ? "a" : "no"} token where the account says ${account} and the pod ${own}`, async () => {
      await api.create(ACCOUNTS, { metadata: { name: "a" }, automountServiceAccountToken: account });
      const { pod } = await create({ serviceAccountName: "a", automountServiceAccountToken: own });
      expect(pod.spec.volumes?.length ?? 0).to.equal(isMounted ? 1 : 0);
    });
  }

  it("leave alone what a container has in the token's place, and volumes of that name", async () => {
    const volumes = [{ name: "kube-api-access-mine", emptyDir: {} }];
    const own = { ...container, volumeMounts: [{ name: "kube-api-access-mine", mountPath: TOKEN_DIRECTORY }] };
    const { pod } = await create({ volumes, containers: [own, { name: "d", image: "i" }] });
    expect(pod.spec.volumes?.map(({ name }) => name)).to.deep.equal(["kube-api-access-mine"]);
    expect(pod.spec.containers.map(({ volumeMounts }) => volumeMounts?.length)).to.deep.equal([1, 1]);
    expect(pod.spec.containers[1]?.volumeMounts?.[0]?.readOnly).to.equal(true);
  });

  describe("that name the only secrets their pods may use", () => {
    beforeEach(() =>
      api.create(ACCOUNTS, {
        metadata: { name: "strict", annotations: { "kubernetes.io/enforce-mountable-secrets": "true" } },
        secrets: [{ name: "mine" }],
        imagePullSecrets: [{ name: "registry" }],
      }),
    );
    const env = (secret: string) => [{ name: "V", valueFrom: { secretKeyRef: { name: secret, key: "k" } } }];
    const strict = (spec: object) => ({ serviceAccountName: "strict", ...spec });
    const words = "is not allowed because service account strict does not reference that";

    it("let them use those", async () => {
      const volumes = [{ name: "v", secret: { secretName: "mine" } }];
      const spec = strict({ volumes, containers: [{ ...container, env: env("mine") }] });
      expect((await create(spec)).code).to.equal(201);
    });

    const refusals: [title: string, spec: object, detail: string][] = [
      [
        "volumes",
        { volumes: [{ name: "v", secret: { secretName: "other" } }] },
        `volume with secret.secretName="other" ${words} secret`,
      ],
      [
        "variables",
        { containers: [{ ...container, env: env("other") }] },
        `container c with envVar V referencing secret.secretName="other" ${words} secret`,
      ],
      [
        "variables of init containers",
        { initContainers: [{ name: "i", image: "i", env: env("other") }] },
        `init container i with envVar V referencing secret.secretName="other" ${words} secret`,
      ],
      [
        "pulling images",
        { imagePullSecrets: [{ name: "other" }] },
        `imagePullSecrets[0].name="other" ${words} imagePullSecret`,
      ],
    ];
    for (const [title, spec, detail] of refusals) {
      it(`refuse others in ${title}`, async () => {
        await expectRefused(strict(spec), detail);
      });
    }

    it("refuse others to containers for debugging", async () => {
      await create(strict({}));
      const ephemeralContainers = [{ name: "e", image: "i", env: env("other") }];
      const { code, data } = await api.call("PATCH", `${PODS}/p/ephemeralcontainers`, {
        body: { spec: { ephemeralContainers } },
        headers: { "content-type": "application/strategic-merge-patch+json" },
      });
      expect(code).to.equal(403);
      expect(data.message).to.contain(
        `ephemeral container e with envVar V referencing secret.secretName="other" ${words}`,
      );
    });
  });

  describe("of pods that a node runs from files", () => {
    const mirror = { annotations: { "kubernetes.io/config.mirror": "x" } };
    const nodeName = "n1";
    it("do not exist", async () => {
      const { code, pod } = await create({ nodeName }, mirror);
      expect([code, pod.spec.serviceAccountName, pod.spec.volumes]).to.deep.equal([201, undefined, undefined]);
      await api.call("DELETE", `${PODS}/p?gracePeriodSeconds=0`);
      const named = { nodeName, serviceAccountName: "default" };
      await expectRefused(named, "a mirror pod may not reference service accounts", mirror);
    });

    for (const [volume, detail] of [
      [{ secret: { secretName: "s" } }, "a mirror pod may not reference secrets"],
      [
        { projected: { sources: [{ serviceAccountToken: { path: "t" } }] } },
        "a mirror pod may not use ServiceAccountToken volume projections",
      ],
    ] as const) {
      it(`do not come by ${Object.keys(volume).join()} volumes either`, async () => {
        await expectRefused({ nodeName, volumes: [{ name: "v", ...volume }] }, detail, mirror);
      });
    }
  });
});
