import { createHmac } from "node:crypto";
import { expect } from "chai";
import type { TokenRequest } from "../../api/authentication/token-request.ts";
import type { TokenReview } from "../../api/authentication/token-review.ts";
import { parseJwt } from "../../lib/jwt.ts";
import { ApiHarness } from "../../testing/api-harness.ts";
import { ISSUER, newTokenKey, newTokenKeys } from "../../testing/token-keys.ts";

const ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";
const PODS = "/api/v1/namespaces/default/pods";
const SECRETS = "/api/v1/namespaces/default/secrets";
const REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews";
const keys = newTokenKeys();
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("authentication with service account tokens", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start({ serviceAccounts: keys });
    await api.create(ACCOUNTS, { metadata: { name: "robot" } });
    await api.create("/api/v1/nodes", { metadata: { name: "n1" } });
    const spec = { serviceAccountName: "robot", containers: [{ name: "c", image: "i" }] };
    await api.create(PODS, { metadata: { name: "p" }, spec });
    await api.create(SECRETS, { metadata: { name: "s" } });
  });
  afterEach(() => api.stop());

  const issue = async (spec: object = {}) =>
    ((await api.create(`${ACCOUNTS}/robot/token`, { spec })) as unknown as TokenRequest).status.token;
  const bound = (kind: string, name: string) => issue({ boundObjectRef: { kind, apiVersion: "v1", name } });
  /** The code that the bearer of the token gets, and what a review says of it. */
  const present = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const { code } = await api.call("GET", "/api/v1/namespaces", { headers, user: null });
    return { code, review: await review(token) };
  };
  const review = async (token: string, audiences?: readonly string[]) => {
    const { status } = (await api.create(REVIEWS, { spec: { token, audiences } })) as unknown as TokenReview;
    return status;
  };
  const expectRefused = async (token: string, problem: string) => {
    const { code, review } = await present(token);
    expect(code).to.equal(401);
    const error = problem ? `[invalid bearer token, ${problem}]` : "invalid bearer token";
    expect(review).to.deep.equal({ user: {}, error });
  };

  it("knows the account, its groups and where its pod runs", async () => {
    const { code, review } = await present(await bound("Pod", "p"));
    expect(code).to.equal(200);
    const pod = await api.get(`${PODS}/p`);
    const { uid } = (await api.get(`${ACCOUNTS}/robot`)).metadata;
    const { extra, ...user } = review.user ?? {};
    expect(review).to.deep.include({ authenticated: true, audiences: [ISSUER] });
    expect(user).to.deep.equal({
      username: "system:serviceaccount:default:robot",
      uid,
      groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
    });
    expect(extra).to.deep.include({
      "authentication.kubernetes.io/pod-name": ["p"],
      "authentication.kubernetes.io/pod-uid": [pod.metadata.uid],
    });
    expect(extra?.["authentication.kubernetes.io/credential-id"]?.[0]).to.match(/^JTI=[0-9a-f-]{36}$/);
  });

  it("believes a token for somebody else only where that is who asks", async () => {
    const token = await issue({ audiences: ["vault", "other"] });
    expect(await review(token, ["vault", "third"])).to.deep.include({ authenticated: true, audiences: ["vault"] });
    const problem = `token audiences ["vault" "other"] is invalid for the target audiences ["${ISSUER}"]`;
    await expectRefused(token, problem);
  });

  it("needs a token to review", async () => {
    const { code, data } = await api.call("POST", REVIEWS, { body: { spec: {} } });
    expect([code, data.message]).to.deep.equal([400, "token is required for TokenReview in authentication"]);
  });

  const ends: readonly [kind: string, name: string, path: string][] = [
    ["Pod", "p", PODS],
    ["Secret", "s", SECRETS],
    ["Node", "n1", "/api/v1/nodes"],
  ];
  for (const [kind, name, path] of ends) {
    it(`believes a token no longer than its ${kind} exists`, async () => {
      const token = await bound(kind, name);
      expect((await present(token)).code).to.equal(200);
      await api.call("DELETE", `${path}/${name}?gracePeriodSeconds=0`);
      await expectRefused(token, "service account token has been invalidated");
    });
  }

  it("tells a new pod of the same name from the one that a token was for", async () => {
    const token = await bound("Pod", "p");
    const { uid } = (await api.get(`${PODS}/p`)).metadata;
    await api.call("DELETE", `${PODS}/p?gracePeriodSeconds=0`);
    const spec = { serviceAccountName: "robot", containers: [{ name: "c", image: "i" }] };
    const next = await api.create(PODS, { metadata: { name: "p" }, spec });
    await expectRefused(token, `pod UID (${next.metadata.uid}) does not match service account pod ref claim (${uid})`);
  });

  it("believes no token of an account that is gone, or was made anew", async () => {
    const token = await issue();
    const { uid } = (await api.get(`${ACCOUNTS}/robot`)).metadata;
    await api.call("DELETE", `${ACCOUNTS}/robot`);
    await expectRefused(token, 'serviceaccounts "robot" not found');
    const next = await api.create(ACCOUNTS, { metadata: { name: "robot" } });
    await expectRefused(token, `service account UID (${next.metadata.uid}) does not match claim (${uid})`);
  });

  it("believes a token until it expires", async () => {
    const token = await issue({ expirationSeconds: 600 });
    await api.clock.advance(599_000);
    expect((await present(token)).code).to.equal(200);
    await api.clock.advance(2_000);
    await expectRefused(token, "service account token has expired");
  });

  describe("under attack (S2)", () => {
    const resign = (token: string, change: object, key = keys.signingKey) =>
      key.sign({ ...parseJwt(token)?.claims, ...change });
    const BROKEN = "go-jose/go-jose: error in cryptographic primitive";

    it("refuses tokens without a signature", async () => {
      const [, claims = ""] = (await issue()).split(".");
      for (const alg of ["none", "None", "nOnE", ""]) await expectRefused(`${part({ alg })}.${claims}.`, BROKEN);
    });

    it("refuses tokens that are signed with the public key as a secret", async () => {
      const [, claims = ""] = (await issue()).split(".");
      const { key, id } = keys.signingKey.verification;
      for (const secret of [
        key.export({ type: "spki", format: "pem" }),
        key.export({ type: "spki", format: "der" }),
        JSON.stringify(key.export({ format: "jwk" })),
      ]) {
        const content = `${part({ alg: "HS256", kid: id })}.${claims}`;
        const token = `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
        await expectRefused(token, BROKEN);
      }
    });

    it("refuses tokens of another key, even when they name one of ours", async () => {
      await expectRefused(resign(await issue(), {}, newTokenKey()), BROKEN);
    });

    it("refuses tokens whose claims were changed after signing", async () => {
      const [header = "", , signature = ""] = (await issue()).split(".");
      const claims = part({ ...parseJwt(await issue())?.claims, sub: "system:serviceaccount:kube-system:admin" });
      await expectRefused(`${header}.${claims}.${signature}`, BROKEN);
    });

    it("does not know tokens of another issuer", async () => {
      await expectRefused(resign(await issue(), { iss: "https://elsewhere" }), "");
    });

    it("refuses tokens that are not valid yet, come from the future or never end", async () => {
      const token = await issue();
      const later = Math.floor(api.clock.now() / 1000) + 60;
      await expectRefused(resign(token, { nbf: later }), "service account token is not valid yet");
      await expectRefused(resign(token, { iat: later }), "service account token is issued in the future");
      await expectRefused(resign(token, { exp: undefined }), "service account token has expired");
      await expectRefused(resign(token, { exp: "never" }), "service account token has expired");
    });

    it("refuses signed claims that name no account", async () => {
      const token = resign(await issue(), { "kubernetes.io": { namespace: "default" } });
      await expectRefused(token, "service account token claims could not be validated");
    });
  });

  describe("from secrets", () => {
    const claims = (uid: string, change: object = {}) => ({
      iss: "kubernetes/serviceaccount",
      "kubernetes.io/serviceaccount/namespace": "default",
      "kubernetes.io/serviceaccount/secret.name": "s",
      "kubernetes.io/serviceaccount/service-account.name": "robot",
      "kubernetes.io/serviceaccount/service-account.uid": uid,
      sub: "system:serviceaccount:default:robot",
      ...change,
    });
    const store = async (token: string) => {
      const data = { token: Buffer.from(token).toString("base64") };
      await api.call("PUT", `${SECRETS}/s`, { body: { metadata: { name: "s" }, data } });
    };
    let token: string;
    beforeEach(async () => {
      token = keys.signingKey.sign(claims((await api.get(`${ACCOUNTS}/robot`)).metadata.uid));
      await store(token);
    });

    it("believes them as long as the secret holds them", async () => {
      const { code, review } = await present(token);
      expect(code).to.equal(200);
      expect(review.user?.username).to.equal("system:serviceaccount:default:robot");
      expect(review.user).not.to.have.property("extra");
      await store("another");
      await expectRefused(token, "token does not match server's copy");
      await api.call("DELETE", `${SECRETS}/s`);
      await expectRefused(token, "token has been invalidated");
    });

    it("refuses those that do not say what they must", async () => {
      const wrong = keys.signingKey.sign(claims("u", { sub: "system:serviceaccount:default:other" }));
      await expectRefused(wrong, "sub claim is invalid");
      const nameless = keys.signingKey.sign(claims("u", { "kubernetes.io/serviceaccount/secret.name": "" }));
      await expectRefused(nameless, "secretName claim is missing");
    });
  });
});
