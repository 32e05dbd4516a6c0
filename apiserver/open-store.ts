// Opens the store that was chosen. Each is loaded when it is needed only: their libraries are large.

import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Store } from "./storage/store.ts";

export type StoreChoice =
  | { readonly kind: "embedded"; readonly directory: string }
  | {
      readonly kind: "etcd";
      readonly servers: readonly string[];
      /** Everything is kept under it; nothing unless given. */
      readonly prefix?: string;
      /** PEM. */
      readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
    };

/** Rejects with one sentence where the store cannot be used. The store is the caller's to close. */
export async function openStore(
  choice: StoreChoice,
  _deps: { readonly clock: Clock; readonly log: Log },
): Promise<Store> {
  if (choice.kind === "embedded") {
    const { EmbeddedStore } = await import("./storage/embedded-store.ts");
    return EmbeddedStore.open(choice.directory);
  }
  throw new Error("etcd is not supported yet");
}
