import { expect } from "chai";
import { secrets, type Secret } from "../api/core/secret.ts";
import { serviceAccounts } from "../api/core/service-account.ts";
import { createSigningKey, parseJwt, readSigningKey } from "../lib/jwt.ts";
import { TestCluster } from "../testing/cluster.ts";
import { serviceAccountTokenController } from "./service-account-token.ts";

const tokenKey = readSigningKey(createSigningKey());
const decode = (base64 = "") => Buffer.from(base64, "base64").toString();

describe("the secrets of service accounts", () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    const controllers = [serviceAccountTokenController({ certificateAuthority: "PEM", tokenKey })];
    cluster = await TestCluster.start({ controllers });
    await cluster.apply({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { namespace: "default", name: "robot" },
    });
  });
  afterEach(() => cluster.stop());
  const create = async (metadata: object = {}, type = "kubernetes.io/service-account-token") => {
    const annotations = { "kubernetes.io/service-account.name": "robot" };
    const secret = { metadata: { namespace: "default", name: "s", annotations, ...metadata }, type };
    await cluster.client.create(secrets, secret);
    await cluster.settle();
  };
  const read = () => cluster.get<Secret>(secrets, "s");
  const names = async () => (await cluster.list(secrets)).map(({ metadata }) => metadata.name);

  it("get a token, the authority and their namespace", async () => {
    await create();
    const { data = {}, metadata } = await read();
    const { uid } = (await cluster.get(serviceAccounts, "robot")).metadata;
    expect(metadata.annotations).to.include({ "kubernetes.io/service-account.uid": uid });
    expect([decode(data["ca.crt"]), decode(data.namespace)]).to.deep.equal(["PEM", "default"]);
    const token = parseJwt(decode(data.token));
    expect(token?.isSignedBy(tokenKey.verification)).to.equal(true);
    expect(token?.claims).to.deep.equal({
      iss: "kubernetes/serviceaccount",
      "kubernetes.io/serviceaccount/namespace": "default",
      "kubernetes.io/serviceaccount/secret.name": "s",
      "kubernetes.io/serviceaccount/service-account.name": "robot",
      "kubernetes.io/serviceaccount/service-account.uid": uid,
      sub: "system:serviceaccount:default:robot",
    });
  });

  it("keep their token, and get back what somebody has removed", async () => {
    await create();
    const { data = {}, ...secret } = await read();
    await cluster.client.update(secrets, { ...secret, data: { token: data.token ?? "" } });
    await cluster.settle();
    expect((await read()).data).to.deep.equal(data);
  });

  it("go with their account", async () => {
    await create();
    await cluster.delete(serviceAccounts, "robot");
    await cluster.settle();
    expect(await names()).to.deep.equal([]);
  });

  it("go when they are meant for an account that was there before", async () => {
    const annotations = { "kubernetes.io/service-account.name": "robot", "kubernetes.io/service-account.uid": "old" };
    await create({ annotations });
    expect(await names()).to.deep.equal([]);
  });

  it("are no others", async () => {
    await create({}, "Opaque");
    expect((await read()).data).to.equal(undefined);
  });
});
