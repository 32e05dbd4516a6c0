import { expect } from "chai";
import { emptyRequestBody, objectRequestBody } from "./http.ts";

describe("in-process request bodies", () => {
  it("carry the object itself, and its JSON for readers of bytes", async () => {
    const object = { a: 1 };
    const body = objectRequestBody(object);
    expect(body.object).to.equal(object);
    expect(Buffer.from(await body.bytes(100)).toString()).to.equal('{"a":1}');
  });

  it("may be empty", async () => {
    expect(await emptyRequestBody.bytes(0)).to.have.lengthOf(0);
  });
});
