import { expect } from "chai";
import type { TokenRequest } from "../../api/authentication/token-request.ts";
import { parseJwt } from "../../lib/jwt.ts";
import { ApiHarness } from "../../testing/api-harness.ts";
import { ISSUER, newTokenKeys } from "../../testing/token-keys.ts";

const ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";
const TOKEN = `${ACCOUNTS}/robot/token`;
const container = { name: "c", image: "i" };

describe("the tokens of service accounts", () => {
  let api: ApiHarness;
  let account: { uid: string };
  let pod: { uid: string };
  let node: { uid: string };
  before(async () => {
    api = await ApiHarness.start({ serviceAccounts: newTokenKeys() });
    account = (await api.create(ACCOUNTS, { metadata: { name: "robot" } })).metadata;
    node = (await api.create("/api/v1/nodes", { metadata: { name: "n1" } })).metadata;
    const spec = { serviceAccountName: "robot", nodeName: "n1", containers: [container] };
    pod = (await api.create("/api/v1/namespaces/default/pods", { metadata: { name: "p" }, spec })).metadata;
  });
  after(() => api.stop());
  const ask = async (spec: object, metadata?: object) => {
    const { code, data } = await api.call("POST", TOKEN, { body: { spec, ...(metadata && { metadata }) } });
    return { code, data, request: data as unknown as TokenRequest };
  };
  const claimsOf = ({ status }: TokenRequest) => parseJwt(status.token)?.claims ?? {};
  const now = () => Math.floor(api.clock.now() / 1000);

  it("say what Kubernetes' tokens say", async () => {
    const { code, request } = await ask({});
    expect(code).to.equal(201);
    const { jti, ...claims } = claimsOf(request);
    expect(jti).to.match(/^[0-9a-f-]{36}$/);
    expect(claims).to.deep.equal({
      aud: [ISSUER],
      exp: now() + 3600,
      iat: now(),
      nbf: now(),
      iss: ISSUER,
      sub: "system:serviceaccount:default:robot",
      "kubernetes.io": { namespace: "default", serviceaccount: { name: "robot", uid: account.uid } },
    });
    expect(request).to.deep.include({ kind: "TokenRequest", apiVersion: "authentication.k8s.io/v1" });
    expect(request.metadata).to.include({ name: "robot", namespace: "default" });
    expect(request.spec).to.deep.equal({ audiences: [ISSUER], expirationSeconds: 3600 });
    expect(Date.parse(request.status.expirationTimestamp) / 1000).to.equal(now() + 3600);
  });

  it("are bound to a pod, and name its node", async () => {
    const boundObjectRef = { kind: "Pod", apiVersion: "v1", name: "p", uid: pod.uid };
    const { request } = await ask({ boundObjectRef, audiences: ["vault"] });
    expect(claimsOf(request)).to.deep.include({
      aud: ["vault"],
      "kubernetes.io": {
        namespace: "default",
        node: { name: "n1", uid: node.uid },
        pod: { name: "p", uid: pod.uid },
        serviceaccount: { name: "robot", uid: account.uid },
      },
    });
  });

  it("are bound to a node", async () => {
    const { request } = await ask({ boundObjectRef: { kind: "Node", apiVersion: "v1", name: "n1" } });
    expect(claimsOf(request)["kubernetes.io"]).to.deep.include({ node: { name: "n1", uid: node.uid } });
  });

  it("of pods last longer than kubelets think, with a time from which on that is worth a warning", async () => {
    const boundObjectRef = { kind: "Pod", apiVersion: "v1", name: "p" };
    const { request } = await ask({ expirationSeconds: 3607, boundObjectRef });
    const claims = claimsOf(request);
    expect(claims.exp).to.equal(now() + 365 * 86_400);
    expect(claims["kubernetes.io"]).to.include({ warnafter: now() + 3607 });
    expect(Date.parse(request.status.expirationTimestamp) / 1000).to.equal(now() + 3607);
    const other = await ask({ expirationSeconds: 3607, boundObjectRef, audiences: ["vault"] });
    expect(claimsOf(other.request).exp).to.equal(now() + 3607);
  });

  const invalid = (detail: string) => `TokenRequest.authentication.k8s.io "" is invalid: ${detail}`;
  const refusals: readonly [title: string, spec: object, code: number, message: string][] = [
    [
      "shorter than ten minutes",
      { expirationSeconds: 599 },
      422,
      invalid("spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes"),
    ],
    [
      "longer than 2^32 seconds",
      { expirationSeconds: 2 ** 32 + 1 },
      422,
      invalid("spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds"),
    ],
    [
      "bound to a pod that does not exist",
      { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "none" } },
      404,
      'pods "none" not found',
    ],
    [
      "bound to a pod of another uid",
      { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "p", uid: "x" } },
      409,
      'Operation cannot be fulfilled on Pod "p": the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated',
    ],
    [
      "bound to another kind",
      { boundObjectRef: { kind: "ConfigMap", apiVersion: "v1", name: "p" } },
      400,
      "cannot bind token to object of type /v1, Kind=ConfigMap",
    ],
    [
      "bound to what every object of JavaScript has",
      { boundObjectRef: { kind: "constructor", apiVersion: "v1", name: "p" } },
      400,
      "cannot bind token to object of type /v1, Kind=constructor",
    ],
    [
      "bound to another group's pod",
      { boundObjectRef: { kind: "Pod", apiVersion: "apps/v1", name: "p" } },
      400,
      "cannot bind token to object of type apps/v1, Kind=Pod",
    ],
  ];
  for (const [title, spec, code, message] of refusals) {
    it(`are not issued ${title}`, async () => {
      const { code: answered, data } = await ask(spec);
      expect([answered, data.message]).to.deep.equal([code, message]);
    });
  }

  it("are not issued for another account than the path's, or for the pod of another", async () => {
    const { code, data } = await ask({}, { name: "other" });
    expect(code).to.equal(422);
    expect(data.message).to.equal(
      'TokenRequest.authentication.k8s.io "robot" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
    );
    await api.create(ACCOUNTS, { metadata: { name: "second" } });
    const body = { spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "p" } } };
    const second = await api.call("POST", `${ACCOUNTS}/second/token`, { body });
    expect([second.code, second.data.message]).to.deep.equal([
      400,
      'cannot bind token for serviceaccount "second" to pod running with different serviceaccount name.',
    ]);
    expect((await api.call("POST", `${ACCOUNTS}/none/token`, { body: {} })).code).to.equal(404);
  });

  it("are not issued without a key", async () => {
    const keyless = await ApiHarness.start();
    await keyless.create(ACCOUNTS, { metadata: { name: "robot" } });
    const { code, data } = await keyless.call("POST", TOKEN, { body: {} });
    expect([code, data.message]).to.deep.equal([
      404,
      "this server issues no tokens: it was started without a signing key",
    ]);
    keyless.stop();
  });

  it("can be checked by others", async () => {
    const configuration = (await api.get("/.well-known/openid-configuration")) as unknown as Record<string, unknown>;
    const published = Buffer.from(configuration as unknown as string).toString();
    expect(JSON.parse(published)).to.deep.equal({
      issuer: ISSUER,
      jwks_uri: `${ISSUER}/openid/v1/jwks`,
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["ES256"],
    });
    const { headers, data } = await api.call("GET", "/openid/v1/jwks");
    expect(headers["content-type"]).to.equal("application/jwk-set+json");
    expect(JSON.parse(data as unknown as string)).to.have.nested.property("keys[0].use", "sig");
  });
});
