import { expect } from "chai";
import { pods } from "../../api/core/pod.ts";
import { StatusError } from "../../api/meta/status.ts";
import { applyPatch, type PatchType } from "./apply-patch.ts";

describe("applying a patch", () => {
  const current = { spec: { containers: [{ name: "a" }, { name: "b" }] } };
  const patch = { spec: { containers: [{ name: "b", image: "x" }] } };
  const apply = (type: PatchType, value: unknown) => applyPatch({ type, patch: value, current, schema: pods.schema });

  it("takes each type for what it is", () => {
    expect(apply("merge", patch)).to.deep.equal({ spec: { containers: [{ name: "b", image: "x" }] } });
    expect(apply("strategic", patch)).to.deep.equal({
      spec: { containers: [{ name: "a" }, { name: "b", image: "x" }] },
    });
    expect(apply("json", [{ op: "remove", path: "/spec/containers/0" }])).to.deep.equal({
      spec: { containers: [{ name: "b" }] },
    });
  });

  for (const type of ["merge", "strategic"] as const) {
    it(`refuses a ${type} patch that is no object`, () => {
      for (const value of [[], null, 1])
        expect(() => apply(type, value))
          .to.throw(StatusError)
          .that.includes({ code: 400 });
    });
  }
});
