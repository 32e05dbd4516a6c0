import { expect } from "chai";
import { subPathOf } from "./volume-mount.ts";

const environment = new Map([
  ["POD", "web-0"],
  ["EMPTY", ""],
  ["ROOT", "/etc"],
  ["UP", "a/../.."],
]);
const of = (mount: { readonly subPath?: string; readonly subPathExpr?: string }) =>
  subPathOf({ mount: { name: "v", mountPath: "/v", ...mount }, environment });

describe("the path below a volume that a container mounts", () => {
  for (const [title, mount, expected] of [
    ["is the whole volume unless given", {}, ""],
    ["is taken as it is written", { subPath: "$(POD)/a" }, "$(POD)/a"],
    ["has variables of the container replaced", { subPathExpr: "logs/$(POD)/$$(POD)" }, "logs/web-0/$(POD)"],
  ] as const) {
    it(title, () => expect(of(mount)).to.equal(expected));
  }

  for (const [subPathExpr, message] of [
    ["$(NO)/$(EMPTY)/$(POD)", "missing value for EMPTY, NO"],
    ["$(ROOT)", "error SubPath `/etc` must not be an absolute path"],
    ["$(UP)", "unable to provision SubPath `a/../..`: must not contain '..'"],
  ] as const) {
    it(`is refused for ${subPathExpr}`, () => expect(() => of({ subPathExpr })).to.throw(message));
  }
});
