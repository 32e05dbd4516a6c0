import { describeStore } from "../../testing/store-conformance.ts";
import { MemoryStore } from "./memory-store.ts";

describeStore("MemoryStore", () => Promise.resolve({ store: new MemoryStore(), cleanup: () => Promise.resolve() }));
