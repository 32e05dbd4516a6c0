import { expect } from "chai";
import fc from "fast-check";
import { Heap } from "./heap.ts";

describe("Heap", () => {
  it("gives everything back in order, however it was filled and emptied in between", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer())), (steps) => {
        const heap = new Heap<number>((a, b) => a < b);
        const model: number[] = [];
        for (const step of steps) {
          if (step === null) {
            model.sort((a, b) => a - b);
            expect(heap.pop()).to.equal(model.shift());
          } else {
            heap.push(step);
            model.push(step);
          }
        }
        model.sort((a, b) => a - b);
        for (const expected of model) expect(heap.pop()).to.equal(expected);
        expect(heap.pop()).to.equal(undefined);
      }),
    );
  });
});
