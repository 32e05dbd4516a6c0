// Opens the store that was chosen. Each is loaded when it is needed only: their libraries are large.

import type { Clock } from "../lib/clock.ts";
import { errorMessage } from "../lib/error-message.ts";
import type { Store } from "./storage/store.ts";

export type StoreChoice =
  | { readonly kind: "embedded"; readonly directory: string }
  | {
      readonly kind: "etcd";
      readonly servers: readonly string[];
      /** Put before every key; kube-apiserver's own keys unless given. */
      readonly prefix?: string;
      /** PEM; the client certificate needs `ca`. */
      readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
    };

const ANSWER_MAX_MS = 5_000;

/** Rejects with one sentence where the store cannot be used. The store is the caller's to close. */
export async function openStore(choice: StoreChoice, clock: Clock): Promise<Store> {
  if (choice.kind === "embedded") {
    const { EmbeddedStore } = await import("./storage/embedded-store.ts");
    return EmbeddedStore.open(choice.directory);
  }
  const { EtcdStore } = await import("./storage/etcd-store.ts");
  const { servers, prefix, tls = {} } = choice;
  const { ca, cert, key } = tls;
  const store = new EtcdStore({
    endpoints: servers,
    keyPrefix: prefix,
    tls: ca === undefined ? undefined : { ca: Buffer.from(ca), cert: bufferOf(cert), key: bufferOf(key) },
    clock,
  });
  try {
    await answerInTime(store, clock);
    return store;
  } catch (error) {
    await store.close();
    const problem = errorMessage(error).replace(/\.$/, "");
    throw new Error(`etcd at ${servers.join(", ")} does not answer (${problem}). Start it, or correct --etcd-servers.`);
  }
}

const bufferOf = (text: string | undefined) => (text === undefined ? undefined : Buffer.from(text));

function answerInTime(store: Store, clock: Clock): Promise<unknown> {
  let cancelTimer = () => {};
  const timeout = new Promise<never>((_, reject) => {
    cancelTimer = clock.setTimer(ANSWER_MAX_MS, () => reject(new Error(`nothing within ${ANSWER_MAX_MS / 1000} s`)));
  });
  return Promise.race([store.revision(), timeout]).finally(() => cancelTimer());
}
