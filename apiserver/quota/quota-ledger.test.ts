import { describeQuotaContention } from "../../testing/quota-contention.ts";
import { MemoryStore } from "../storage/memory-store.ts";

describeQuotaContention("the memory store", () => {
  const store = new MemoryStore();
  return Promise.resolve({ store, cleanup: () => store.close() });
});
