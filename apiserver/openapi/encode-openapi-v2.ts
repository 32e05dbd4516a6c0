// The OpenAPI 2 document in protobuf, as gnostic's openapi.v2.Document: the only form in which kubectl before 1.31 and older
// client libraries read it. Only what our own document uses is written.

import type { Steps } from "../../lib/steps.ts";
import { flagField, messageField, textField, type Wire } from "../protobuf/wire-writer.ts";

type Node = Readonly<Record<string, unknown>>;
/** Writes the value of a field, or nothing. */
type Write = (value: unknown) => Wire;
/** What becomes of each key of an object; other keys are left out. */
type Shape = Readonly<Record<string, Write>>;

/** How many entries are written at a stretch: some have a hundred parameters. */
const STRETCH = 5;

export function* encodeOpenApiV2(document: Node): Steps<Uint8Array> {
  const parts: Wire[] = [encode(documentShape, document)];
  for (const [key, { number, item, write }] of Object.entries(COLLECTIONS)) {
    const entries: Uint8Array[] = [];
    for (const [name, value] of Object.entries((document[key] ?? {}) as Node)) {
      entries.push(...named(item, write)({ [name]: value }));
      if (entries.length % STRETCH === 0) yield;
    }
    parts.push(messageField(number, entries));
  }
  return Buffer.concat(parts.flat());
}

function encode(shape: Shape, node: Node): Wire {
  return Object.entries(node).flatMap(([key, value]) => (Object.hasOwn(shape, key) ? (shape[key]?.(value) ?? []) : []));
}

const text =
  (number: number): Write =>
  (value) =>
    textField(number, value as string);
const flag =
  (number: number): Write =>
  (value) =>
    flagField(number, value as boolean);
const texts =
  (number: number): Write =>
  (value) =>
    (value as readonly string[]).flatMap((each) => textField(number, each));
const message =
  (number: number, write: (node: Node) => Wire): Write =>
  (value) =>
    joined(messageField(number, write(value as Node)));

/** In one piece, or the pieces of the innermost messages would be handled again at each level around them. */
const joined = (wire: Wire): Wire => [Buffer.concat(wire)];

/** A map: one entry with name and value for each key. */
const named =
  (number: number, write: (node: Node) => Wire) =>
  (node: Node): Wire =>
    Object.entries(node).flatMap(([name, value]) =>
      joined(messageField(number, [...textField(1, name), ...messageField(2, write(value as Node))])),
    );

/** Data of any type is carried as YAML, of which JSON is a part. */
const anything = (value: unknown): Wire => textField(2, JSON.stringify(value));

/** Extensions are spread over the object that they extend. */
function extensions(number: number, node: Node): Wire {
  return Object.entries(node).flatMap(([name, value]) =>
    name.startsWith("x-") ? messageField(number, [...textField(1, name), ...messageField(2, anything(value))]) : [],
  );
}

const schemaShape: Shape = {
  $ref: text(1),
  format: text(2),
  description: text(4),
  default: (value) => messageField(5, anything(value)),
  required: texts(19),
  enum: (values) => (values as readonly unknown[]).flatMap((value) => messageField(20, anything(value))),
  additionalProperties: message(21, (node) => messageField(1, encodeSchema(node))),
  type: (name) => messageField(22, textField(1, name as string)),
  items: message(23, (node) => messageField(1, encodeSchema(node))),
  properties: message(25, (node) => named(1, encodeSchema)(node)),
};

function encodeSchema(node: Node): Wire {
  return [...encode(schemaShape, node), ...extensions(31, node)];
}

const bodyParameter: Shape = {
  description: text(1),
  name: text(2),
  in: text(3),
  required: flag(4),
  schema: message(5, encodeSchema),
};
const atPlace = { required: flag(1), in: text(2), description: text(3), name: text(4) };
const queryParameter: Shape = { ...atPlace, type: text(6), uniqueItems: flag(20) };
const pathParameter: Shape = { ...atPlace, type: text(5), uniqueItems: flag(19) };

function encodeParameter(node: Node): Wire {
  if (node.in === "body") return messageField(1, encode(bodyParameter, node));
  const isQuery = node.in === "query";
  const sub = messageField(isQuery ? 3 : 4, encode(isQuery ? queryParameter : pathParameter, node));
  return messageField(2, sub);
}

const responseShape: Shape = {
  description: text(1),
  schema: message(2, (node) => messageField(1, encodeSchema(node))),
};
const encodeResponse = (node: Node): Wire => messageField(1, encode(responseShape, node));

const operationShape: Shape = {
  tags: texts(1),
  description: text(3),
  operationId: text(5),
  produces: texts(6),
  consumes: texts(7),
  parameters: (list) =>
    (list as readonly Node[]).flatMap((each) => messageField(8, messageField(1, encodeParameter(each)))),
  responses: message(9, named(1, encodeResponse)),
  schemes: texts(10),
};
const encodeOperation = (node: Node): Wire => [...encode(operationShape, node), ...extensions(13, node)];

const pathShape: Shape = {
  get: message(2, encodeOperation),
  put: message(3, encodeOperation),
  post: message(4, encodeOperation),
  delete: message(5, encodeOperation),
  patch: message(8, encodeOperation),
};
const documentShape: Shape = {
  swagger: text(1),
  info: message(2, (node) => encode({ title: text(1), version: text(2) }, node)),
};
/** Maps with very many entries, which are written in steps. */
const COLLECTIONS: Readonly<Record<string, { number: number; item: number; write: (node: Node) => Wire }>> = {
  paths: { number: 8, item: 2, write: (node) => encode(pathShape, node) },
  definitions: { number: 9, item: 1, write: encodeSchema },
};
