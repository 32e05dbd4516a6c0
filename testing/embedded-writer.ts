// A process that writes to an embedded store until it is killed: `embedded-writer.ts DIRECTORY`. It says on standard output what
// has been acknowledged, a line `NUMBER REVISION` each, and only after the acknowledgement.

import { writeSync } from "node:fs";
import { EmbeddedStore } from "../apiserver/storage/embedded-store.ts";

const IN_FLIGHT = 16;

const store = EmbeddedStore.open(process.argv[2] ?? "");
const start = await store.revision();
let next = 0;

/** Each transaction writes two keys, so that half of one can be told from a whole. */
async function writeForever(): Promise<never> {
  for (;;) {
    const name = `${start}-${next++}`;
    const value = Buffer.from(name.padEnd(700));
    const revision = await store.commit({
      checks: [{ key: `/first/${name}`, revision: 0 }],
      writes: [
        { key: `/first/${name}`, value },
        { key: `/second/${name}`, value },
      ],
    });
    writeSync(1, `${name} ${revision}\n`);
  }
}

await Promise.all(Array.from({ length: IN_FLIGHT }, writeForever));
