import { expect } from "chai";
import { container } from "../../testing/pod-states.ts";
import { nestedPlaces } from "./nested-mounts.ts";

const mounts = (...paths: readonly (readonly [string, string])[]) => ({
  containers: [container("main", { volumeMounts: paths.map(([name, mountPath]) => ({ name, mountPath })) })],
});

describe("mounts inside of a mount", () => {
  for (const [title, spec, expected] of [
    ["are none of what lies beside it", mounts(["v", "/a"], ["w", "/ab"], ["w", "/b"]), []],
    ["are known by their place in the volume", mounts(["v", "/a/"], ["w", "/a/b/c"], ["x", "/a//d/"]), ["b/c", "d"]],
    ["are counted for each place of the volume", mounts(["v", "/a"], ["v", "/b"], ["w", "/b/c"]), ["c"]],
    ["never lead out", mounts(["v", "/a"], ["w", "/a/../../b"], ["x", "/a/..data/b"]), []],
  ] as const) {
    it(title, () => expect(nestedPlaces(spec, "v")).to.deep.equal(expected));
  }
});
