// Joins two byte streams, both ways: what the API server does with an exec session between a user and a kubelet.

import type { Duplex } from "node:stream";

/** With back-pressure. The end of one is the end of the other; when one breaks or closes, the other is destroyed. */
export function tunnel(left: Duplex, right: Duplex): void {
  left.pipe(right).pipe(left);
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => {
      if (!one.readableEnded) other.destroy();
    });
    if (one.destroyed) other.destroy();
  }
}
