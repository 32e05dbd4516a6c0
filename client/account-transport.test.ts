import { expect } from "chai";
import { serviceAccounts } from "../api/core/service-account.ts";
import { ApiHarness } from "../testing/api-harness.ts";
import { newTokenKeys } from "../testing/token-keys.ts";
import { accountTransport } from "./account-transport.ts";
import { createClient } from "./api-client.ts";
import { inProcessTransport } from "./transport.ts";

const ADMINISTRATOR = { username: "admin", groups: ["system:masters", "system:authenticated"] };
const REVIEW = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
const account = { namespace: "default", name: "robot" };

describe("a service account's way to the API server", () => {
  let api: ApiHarness;
  let asked: number;
  beforeEach(async () => {
    api = await ApiHarness.start({ serviceAccounts: newTokenKeys() });
    asked = 0;
  });
  afterEach(() => api.stop());

  const transport = () => {
    const { clock } = api;
    const client = createClient((request) => {
      if (request.path.endsWith("/token")) asked += 1;
      return inProcessTransport(api.server.handle, ADMINISTRATOR)(request);
    });
    return accountTransport({ anonymous: api.server.handle, client, account, clock });
  };
  const whoAmI = async (way: ReturnType<typeof transport>) => {
    const response = await way({
      method: "POST",
      path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      query: new URLSearchParams(),
      headers: { "content-type": "application/json" },
      body: { object: REVIEW, bytes: () => Promise.resolve(Buffer.from(JSON.stringify(REVIEW))) },
      peer: { address: "" },
      signal: new AbortController().signal,
    });
    const { body } = response;
    const review = (body.kind === "object" ? body.object : {}) as { status?: { userInfo?: { username?: string } } };
    return [response.status, review.status?.userInfo?.username];
  };
  const ROBOT = [201, "system:serviceaccount:default:robot"];

  it("makes the account, and asks for one token that all requests share until it grows old", async () => {
    const way = transport();
    expect(await Promise.all([whoAmI(way), whoAmI(way)])).to.deep.equal([ROBOT, ROBOT]);
    expect(asked).to.equal(2);
    await api.clock.advance(40 * 60_000);
    await whoAmI(way);
    expect(asked).to.equal(2);
    await api.clock.advance(15 * 60_000);
    expect(await whoAmI(way)).to.deep.equal(ROBOT);
    expect(asked).to.equal(3);
  });

  it("asks anew once a token is believed no more", async () => {
    const way = transport();
    await whoAmI(way);
    const administrator = createClient(inProcessTransport(api.server.handle, ADMINISTRATOR));
    await administrator.delete(serviceAccounts, account);
    expect((await whoAmI(way))[0]).to.equal(401);
    expect(await whoAmI(way)).to.deep.equal(ROBOT);
  });
});
