import { expect } from "chai";
import fc from "fast-check";
import { mergeOrder } from "./merge-order.ts";

const identify = String;
const order = (items: string, patchOrder: string, serverOrder: string) =>
  mergeOrder([...items], { patchOrder: [...patchOrder], serverOrder: [...serverOrder], identify }).join("");

describe("the order of a merged list", () => {
  const cases: readonly [string, string, string, string][] = [
    ["abc", "", "abc", "abc"],
    ["abc", "cba", "abc", "cba"],
    ["abcx", "ax", "abc", "axbc"],
    ["abcx", "xa", "abc", "xabc"],
    ["abc", "c", "abc", "abc"],
    ["abc", "ca", "abc", "bca"],
    ["ab", "x", "ab", "ab"],
  ];
  for (const [items, patchOrder, serverOrder, expected] of cases) {
    it(`of ${items}, patched as "${patchOrder}" over ${serverOrder}, is ${expected}`, () => {
      expect(order(items, patchOrder, serverOrder)).to.equal(expected);
    });
  }

  it("keeps both sequences in order and loses nothing", () => {
    const letters = fc.uniqueArray(fc.constantFrom(..."abcdefgh"));
    fc.assert(
      fc.property(letters, letters, (patch, server) => {
        const items = [...new Set([...server, ...patch])];
        const result = mergeOrder(items, { patchOrder: patch, serverOrder: server, identify });
        expect(result).to.have.members(items);
        expect(result.filter((item) => patch.includes(item as string))).to.deep.equal(patch);
        const serverOnly = server.filter((item) => !patch.includes(item));
        expect(result.filter((item) => serverOnly.includes(item as string))).to.deep.equal(serverOnly);
      }),
    );
  });
});
