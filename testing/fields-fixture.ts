// A schema with every kind of list, map and object that fields are owned in, for the tests beside this file.

import fc from "fast-check";
import {
  atomic,
  boolean,
  byDefault,
  int32,
  list,
  listMap,
  map,
  object,
  optional,
  present,
  required,
  set,
  string,
} from "../api/schema/schema.ts";

const item = object("test.Item", "An item.", {
  name: required(1, string(), "Its key."),
  value: optional(2, string(), "A value."),
  tags: optional(3, map(string()), "A map."),
});
const port = object("test.Port", "An item with two keys.", {
  port: required(1, int32(), "One key."),
  protocol: byDefault("TCP", optional(2, string(), "The other.")),
  host: optional(3, int32(), "A value."),
});
const inner = object("test.Inner", "An object.", {
  text: optional(1, string(), "A text."),
  flag: optional(2, boolean(), "A flag."),
});

export const fieldsSchema = object("test.Fields", "One field of each kind.", {
  text: optional(1, string(), "A text."),
  count: optional(2, int32(), "A number."),
  labels: optional(3, map(string()), "A map."),
  selector: optional(4, map(string(), { mapType: "atomic" }), "An atomic map."),
  args: optional(5, list(string()), "An atomic list."),
  finalizers: optional(6, set(string()), "A set."),
  items: optional(7, listMap(item, ["name"]), "A list of maps."),
  ports: optional(8, listMap(port, ["port", "protocol"]), "A list of maps with two keys."),
  owner: optional(9, atomic(object("test.Owner", "An owner.", { kind: optional(1, string(), "A kind.") })), "Atomic."),
  choice: optional(10, inner, "An object that may be absent."),
  inner: present(11, inner, "An object that Go never leaves out."),
  needed: required(12, listMap(item, ["name"]), "A list that Go never leaves out."),
});

const word = fc.constantFrom("a", "b", "c");
const words = fc.dictionary(word, word, { maxKeys: 3 });
const optionally = { requiredKeys: [] };
const items = fc.uniqueArray(fc.record({ name: word, value: word, tags: words }, { requiredKeys: ["name"] }), {
  selector: ({ name }) => name,
  maxLength: 3,
});
const ports = fc.uniqueArray(
  fc.record(
    { port: fc.constantFrom(80, 443), protocol: fc.constantFrom("TCP", "UDP"), host: fc.nat(2) },
    { requiredKeys: ["port", "protocol"] },
  ),
  { selector: ({ port: number, protocol }) => `${number}/${protocol}`, maxLength: 3 },
);
const inside = fc.record({ text: word, flag: fc.boolean() }, optionally);

/** Objects of the schema. */
export const sample = fc.record(
  {
    text: word,
    count: fc.nat(3),
    labels: words,
    selector: words,
    args: fc.array(word, { maxLength: 2 }),
    finalizers: fc.uniqueArray(word, { maxLength: 3 }),
    items,
    ports,
    owner: fc.record({ kind: word }),
    choice: inside,
    inner: inside,
    needed: items,
  },
  optionally,
);
