import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

describe("the OpenAPI documents", () => {
  let api: ApiHarness;
  before(async () => {
    api = await ApiHarness.start();
  });
  after(() => api.stop());
  const typeFor = async (path: string, accept: string) =>
    (await api.call("GET", path, { headers: { accept } })).headers["content-type"];

  it("are JSON, and protobuf for clients that know nothing else", async () => {
    expect(await typeFor("/openapi/v2", "application/json")).to.equal("application/json");
    for (const separator of ["@", "."]) {
      const accept = `application/com.github.proto-openapi.spec.v2${separator}v1.0+protobuf`;
      const answered = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
      expect(await typeFor("/openapi/v2", accept)).to.equal(answered);
    }
  });

  it("are found by the index, and not sent again to those who have them", async () => {
    const { paths } = (await api.get("/openapi/v3")) as unknown as Record<string, Record<string, object>>;
    expect(Object.keys(paths ?? {})).to.include.members(["api/v1", "apis/apps/v1"]);
    const first = await api.call("GET", "/openapi/v3/apis/apps/v1");
    const etag = first.headers.etag ?? "";
    const again = await api.call("GET", "/openapi/v3/apis/apps/v1", { headers: { "if-none-match": etag } });
    expect([first.code, again.code]).to.deep.equal([200, 304]);
  });

  it("do not exist for groups that are not served", async () => {
    expect((await api.call("GET", "/openapi/v3/apis/none/v1")).code).to.equal(404);
  });
});
