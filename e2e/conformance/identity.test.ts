// Who is who: service accounts and their tokens, reviews of access and of oneself, and requests for certificates.

import { expect } from "chai";
import { ED25519_REQUEST } from "../../testing/certificate-requests.ts";
import type { InProcessCluster } from "../in-process-cluster.ts";
import { MERGE, STRATEGIC, type ApiClient, type Json } from "./api-client.ts";
import { startConformanceCluster } from "./conformance-cluster.ts";

const accounts = "/api/v1/namespaces/test/serviceaccounts";
const requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Json;

describe("conformance: identity", () => {
  let cluster: InProcessCluster;
  let api: ApiClient;
  before(async () => {
    ({ cluster, api } = await startConformanceCluster());
  });
  after(() => cluster.remove());

  it("walks a service account through its life", async () => {
    const labels = { "test-serviceaccount-static": "true" };
    await api.post(accounts, { metadata: { name: "walked", labels } });
    await api.patch(`${accounts}/walked`, { automountServiceAccountToken: false }, STRATEGIC);
    const query = "labelSelector=test-serviceaccount-static%3Dtrue";
    const { items } = await api.get(`/api/v1/serviceaccounts?${query}`);
    expect(
      items.map(({ metadata, automountServiceAccountToken }) => [metadata.name, automountServiceAccountToken]),
    ).to.deep.equal([["walked", false]]);
    await api.put(`${accounts}/walked`, { ...items[0], automountServiceAccountToken: true });
    await api.delete(`${accounts}?${query}`);
    expect((await api.ask("GET", `${accounts}/walked`)).code).to.equal(404);
  });

  it("mounts the token, the authorities and the namespace into every pod that does not decline", async () => {
    const pods = "/api/v1/namespaces/test/pods";
    const containers = [{ name: "c", image: "i" }];
    for (const name of ["mount", "nomount"]) {
      await api.post(accounts, { metadata: { name }, automountServiceAccountToken: name === "mount" });
    }
    const cases: readonly [account: string, own: boolean | undefined, mounted: boolean][] = [
      ["default", undefined, true],
      ["mount", undefined, true],
      ["nomount", undefined, false],
      ["default", true, true],
      ["mount", true, true],
      ["nomount", true, true],
      ["default", false, false],
      ["mount", false, false],
      ["nomount", false, false],
    ];
    for (const [index, [serviceAccountName, automountServiceAccountToken, mounted]] of cases.entries()) {
      const spec = { containers, serviceAccountName, automountServiceAccountToken };
      const pod = await api.post(pods, { metadata: { name: `pod-${index}` }, spec });
      const { volumeMounts = [] } = (pod.spec as { containers: { volumeMounts?: Json[] }[] }).containers[0] ?? {};
      const paths = volumeMounts.map(({ mountPath }) => mountPath);
      expect(paths, JSON.stringify(cases[index])).to.deep.equal(
        mounted ? ["/var/run/secrets/kubernetes.io/serviceaccount"] : [],
      );
      if (!mounted) continue;
      expect(pod).to.have.deep.nested.property("spec.volumes[0].projected", {
        defaultMode: 420,
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
    }
  });

  it("issues tokens that a review believes, for the audiences that were asked for", async () => {
    const asked = await api.post(`${accounts}/default/token`, {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: 3600 },
    });
    const { token } = asked.status as { token: string };
    const claims = claimsOf(token);
    expect(claims.sub).to.equal("system:serviceaccount:test:default");
    const review = (spec: Json) =>
      api.post("/apis/authentication.k8s.io/v1/tokenreviews", {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenReview",
        spec,
      });
    const believed = await review({ token });
    expect(believed).to.have.nested.property("status.authenticated", true);
    expect(believed).to.have.nested.property("status.user.username", "system:serviceaccount:test:default");
    expect((await review({ token, audiences: ["others"] })).status).not.to.have.property("authenticated", true);
  });

  it("publishes how its tokens are checked", async () => {
    const document = await api.get("/.well-known/openid-configuration");
    expect(document).to.include.keys("issuer", "jwks_uri", "response_types_supported", "subject_types_supported");
    expect(document).to.deep.include({ response_types_supported: ["id_token"], subject_types_supported: ["public"] });
    const { code, text } = await api.ask("GET", "/openid/v1/jwks");
    expect(code).to.equal(200);
    const { keys } = JSON.parse(text) as { readonly keys: readonly Json[] };
    const { issuer } = document;
    const asked = await api.post(`${accounts}/default/token`, { spec: {} });
    const { token } = asked.status as { token: string };
    expect(claimsOf(token).iss).to.equal(issuer);
    const head = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as Json;
    expect(keys.map(({ kid }) => kid)).to.include(head.kid);
    expect(keys[0]).to.include.keys("use", "kty", "kid", "alg");
  });

  it("reviews the access of others, in the cluster and in a namespace", async () => {
    const user = "system:serviceaccount:test:default";
    const spec = { user, resourceAttributes: { namespace: "test", verb: "get", resource: "pods", version: "v1" } };
    const cases = [
      ["/apis/authorization.k8s.io/v1/subjectaccessreviews", "SubjectAccessReview"],
      ["/apis/authorization.k8s.io/v1/namespaces/test/localsubjectaccessreviews", "LocalSubjectAccessReview"],
    ] as const;
    for (const [path, kind] of cases) {
      const metadata = kind === "LocalSubjectAccessReview" ? { namespace: "test" } : {};
      const ask = () => api.post(path, { apiVersion: "authorization.k8s.io/v1", kind, metadata, spec });
      expect((await ask()).status).to.include({ allowed: kind === "LocalSubjectAccessReview" });
      if (kind === "LocalSubjectAccessReview") continue;
      const bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/test/rolebindings";
      const subjects = [{ kind: "ServiceAccount", name: "default", namespace: "test" }];
      const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
      await api.post(bindings, { metadata: { name: "view" }, subjects, roleRef });
      expect((await ask()).status).to.include({ allowed: true });
    }
  });

  it("tells users who they are", async () => {
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const { status } = await api.post(path, { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" });
    expect(status).to.have.nested.property("userInfo.groups").that.includes("system:masters");
    expect(status).to.have.nested.property("userInfo.username").that.is.a("string").and.not.equal("");
  });

  it("approves a request for a certificate through the approval, and fills it in through the status", async () => {
    const spec = {
      request: Buffer.from(ED25519_REQUEST).toString("base64"),
      signerName: "example.com/e2e",
      expirationSeconds: 3600,
      usages: ["digital signature", "key encipherment", "server auth"],
    };
    const created = await api.post(requests, { metadata: { generateName: "e2e-" }, spec });
    expect(created.spec).to.deep.include(spec).and.include.keys("username", "groups");
    const item = `${requests}/${created.metadata.name}`;
    const approve = {
      metadata: { annotations: { patchedapproval: "true" } },
      status: { conditions: [{ type: "ApprovalPatch", status: "True", reason: "E2E" }] },
    };
    const patched = await api.patch(`${item}/approval`, approve);
    expect(patched).to.have.nested.property("status.conditions[0].type", "ApprovalPatch");
    expect(patched.metadata.annotations).to.include({ patchedapproval: "true" });
    const { conditions } = patched.status as { conditions: readonly Json[] };
    const more = { type: "Approved", status: "True", reason: "E2E", message: "Set from an e2e test" };
    const approved = await api.put(`${item}/approval`, { ...patched, status: { conditions: [...conditions, more] } });
    expect(approved).to.have.nested.property("status.conditions[1]").that.includes(more);
    const denied = { status: { conditions: [...conditions, more, { type: "Denied", status: "True" }] } };
    expect((await api.ask("PATCH", `${item}/approval`, { body: denied, type: MERGE })).code).to.equal(422);
    const status = { certificate: Buffer.from("nonsense").toString("base64") };
    expect((await api.ask("PATCH", `${item}/status`, { body: { status }, type: MERGE })).code).to.equal(422);
    const condition = { type: "StatusUpdate", status: "True", reason: "E2E" };
    const all = [...(approved.status as { conditions: readonly Json[] }).conditions, condition];
    const updated = await api.put(`${item}/status`, { ...approved, status: { conditions: all } });
    expect(updated).to.have.nested.property("status.conditions").with.length(3);
    expect((await api.get(`${item}/approval`)).status).to.deep.equal(updated.status);
    await api.delete(item);
  });
});
