// One default priority class at most. Admission sees to it as far as it can see; two that come at the same moment would not see
// each other, so each changes one record, which makes two such writes at a time impossible.

import { priorityClasses, type PriorityClass } from "../../api/scheduling/priority-class.ts";
import { secondDefault } from "../admission/priority.ts";
import type { Draft } from "../registry/draft.ts";
import { storagePrefix } from "../served-resource.ts";
import { decodeStored } from "../stored-object.ts";
import type { Store } from "../storage/store.ts";
import type { KindRules } from "./kind-rules.ts";

const DEFAULT_KEY = "/gantry/default-priority-class";

export const priorityClassRules = (store: Store): KindRules => ({
  accompany: ({ old, object }) => {
    const [before, after] = [old?.object as PriorityClass | undefined, object as PriorityClass | undefined];
    return after?.globalDefault && !before?.globalDefault ? becomeDefault(store, after) : {};
  },
});

/** The record is read first: whoever makes a class the default after that changes it, and its check then fails. */
async function becomeDefault(store: Store, { metadata: { name } }: PriorityClass): Promise<Partial<Draft>> {
  const record = await store.get(DEFAULT_KEY);
  const { items } = await store.list(storagePrefix(priorityClasses));
  const present = items
    .map((stored) => decodeStored(priorityClasses.schema, stored) as PriorityClass)
    .find((each) => each.globalDefault && each.metadata.name !== name);
  if (present) throw secondDefault(name, present.metadata.name);
  return {
    checks: [{ key: DEFAULT_KEY, revision: record?.revision ?? 0 }],
    writes: [{ key: DEFAULT_KEY, value: Buffer.from(JSON.stringify({ last: name })) }],
  };
}
