import { expect } from "chai";
import { nextTurn } from "./next-turn.ts";

describe("nextTurn", () => {
  it("lets what waits already go first", async () => {
    const order: string[] = [];
    const waiting = new Promise<void>((resolve) =>
      setImmediate(() => {
        order.push("waiting");
        resolve();
      }),
    );
    const promised = Promise.resolve().then(() => order.push("promised"));
    await nextTurn();
    order.push("next");
    await Promise.all([waiting, promised]);
    expect(order).to.deep.equal(["promised", "waiting", "next"]);
  });
});
