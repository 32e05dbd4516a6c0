// Reads objects in Kubernetes' protobuf encoding, which kubectl and other Go clients send for built-in kinds, and in which
// kube-apiserver stores them. The schemas carry the field numbers; the result is the JSON form of the same object.

import type { Field, IntegerShape, ObjectShape, Schema, StringShape, UnionShape } from "../../api/schema/schema.ts";
import { formatMicroTime, formatTime } from "../../lib/clock.ts";
import { readFields, readPacked, WireError } from "./wire-reader.ts";

const MAGIC = Buffer.from("k8s\0");
/** Nested deeper than any kind is. */
const DEPTH_MAX = 100;

export const isProtobuf = (bytes: Uint8Array): boolean => MAGIC.equals(bytes.subarray(0, MAGIC.length));

export interface ProtobufEnvelope {
  readonly apiVersion: string;
  readonly kind: string;
  /** The object without its kind and version. */
  readonly raw: Uint8Array;
}

/** Opens the envelope that says what is inside (runtime.Unknown behind a magic number). Throws WireError. */
export function openEnvelope(bytes: Uint8Array): ProtobufEnvelope {
  if (!isProtobuf(bytes)) throw new WireError("the bytes do not begin with the magic number of Kubernetes' encoding");
  const envelope = { apiVersion: "", kind: "", raw: new Uint8Array() };
  for (const { number, value } of readFields(bytes.subarray(MAGIC.length))) {
    if (number === 1) Object.assign(envelope, readTypeMeta(asBytes(value)));
    if (number === 2) envelope.raw = asBytes(value) as Uint8Array<ArrayBuffer>;
  }
  return envelope;
}

function readTypeMeta(bytes: Uint8Array): { apiVersion?: string; kind?: string } {
  const meta: { apiVersion?: string; kind?: string } = {};
  for (const { number, value } of readFields(bytes)) {
    if (number === 1) meta.apiVersion = asText(value);
    if (number === 2) meta.kind = asText(value);
  }
  return meta;
}

/** The object in the envelope as JSON data. Fields that the schema does not have are passed over. Throws WireError. */
export function decodeProtobuf(schema: ObjectShape, { apiVersion, kind, raw }: ProtobufEnvelope): object {
  return { apiVersion, kind, ...decodeMessage(schema, raw, 0) };
}

type Data = Record<string, unknown>;
type WireValue = bigint | Uint8Array;

function decodeMessage(schema: ObjectShape, bytes: Uint8Array, depth: number): Data {
  if (depth > DEPTH_MAX) throw new WireError("the message is nested too deeply");
  const data: Data = {};
  const table = tableOf(schema);
  for (const { number, value } of readFields(bytes)) {
    const nested = table.nested.get(number);
    if (nested) Object.assign(data, decodeMessage(nested, asBytes(value), depth + 1));
    const known = table.fields.get(number);
    if (known) assign(data, known, { value, depth: depth + 1 });
  }
  return data;
}

interface NamedField {
  readonly name: string;
  readonly field: Field;
}

interface FieldTable {
  readonly fields: ReadonlyMap<number, NamedField>;
  /** The messages of embedded structs, whose fields are the object's own in JSON. */
  readonly nested: ReadonlyMap<number, ObjectShape>;
}

const tables = new WeakMap<ObjectShape, FieldTable>();

/** Kind and apiVersion are in the envelope, and their numbers there mean other fields here. */
const ENVELOPE_FIELDS: readonly string[] = ["apiVersion", "kind"];

function tableOf(schema: ObjectShape): FieldTable {
  const known = tables.get(schema);
  if (known) return known;
  const isTopLevel = "metadata" in schema.fields && "apiVersion" in schema.fields;
  const fields = new Map<number, NamedField>();
  const nested = new Map<number, Record<string, Field>>();
  for (const [name, field] of Object.entries(schema.fields)) {
    if (isTopLevel && ENVELOPE_FIELDS.includes(name)) continue;
    if (field.nestedIn === undefined) {
      fields.set(field.proto, { name, field });
    } else {
      const embedded: Field = { ...field, nestedIn: undefined };
      nested.set(field.nestedIn, { ...nested.get(field.nestedIn), [name]: embedded });
    }
  }
  const shapes = [...nested].map(([number, own]): [number, ObjectShape] => [number, embeddedShape(own)]);
  const table = { fields, nested: new Map(shapes) };
  tables.set(schema, table);
  return table;
}

const embeddedShape = (fields: Record<string, Field>): ObjectShape => ({
  type: "object",
  name: "",
  description: "",
  fields,
});

interface Position {
  readonly value: WireValue;
  readonly depth: number;
}

function assign(data: Data, { name, field }: NamedField, { value, depth }: Position): void {
  const schema = resolve(field.schema);
  if (schema.type === "list") {
    const list = (data[name] ??= []) as unknown[];
    const items = resolve(schema.items);
    if (items.type === "integer" && typeof value !== "bigint") {
      for (const each of readPacked(value)) list.push(decodeInteger(items, each));
    } else {
      list.push(decodeValue(items, value, depth));
    }
  } else if (schema.type === "map") {
    const entry = decodeEntry(schema.values, asBytes(value), depth);
    const map = (data[name] ??= {}) as Data;
    Object.defineProperty(map, entry.key, { value: entry.value, enumerable: true, writable: true, configurable: true });
  } else {
    const decoded = decodeValue(schema, value, depth);
    if (!isAbsent(name, decoded)) data[name] = decoded;
  }
}

/**
 * Go writes fields that are no pointers even when nobody has set them; JSON leaves them out. The encoding does not tell which
 * fields those are. Of texts nearly all are; of numbers and flags, where zero mostly means something, these.
 */
const NO_POINTERS: ReadonlySet<string> = new Set([
  ...["generation", "observedGeneration", "minReadySeconds", "hostPort", "nodePort", "healthCheckNodePort", "count"],
  ...["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"],
  ...["updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas", "fullyLabeledReplicas"],
  ...["stdin", "stdinOnce", "tty", "hostNetwork", "hostPID", "hostIPC", "readOnly", "paused", "unschedulable"],
  ...["publishNotReadyAddresses"],
]);
const TEXT_POINTERS: ReadonlySet<string> = new Set([
  "storageClassName",
  "ingressClassName",
  "volumeAttributesClassName",
]);

function isAbsent(name: string, value: unknown): boolean {
  if (value === null) return true;
  if (value === "") return !TEXT_POINTERS.has(name);
  return (value === 0 || value === false) && NO_POINTERS.has(name);
}

function decodeEntry(values: Schema, bytes: Uint8Array, depth: number): { key: string; value: unknown } {
  const schema = resolve(values);
  const entry = { key: "", value: emptyValue(schema) };
  for (const { number, value } of readFields(bytes)) {
    if (number === 1) entry.key = asText(value);
    if (number === 2) entry.value = decodeValue(schema, value, depth);
  }
  return entry;
}

const emptyValue = (schema: Schema): unknown => (schema.type === "object" || schema.type === "map" ? {} : "");

function resolve(schema: Schema): Schema {
  return schema.type === "lazy" ? resolve(schema.of()) : schema;
}

function decodeValue(schema: Schema, value: WireValue, depth: number): unknown {
  switch (schema.type) {
    case "string":
      return decodeString(schema, asBytes(value));
    case "integer":
      return decodeInteger(schema, asNumber(value));
    case "boolean":
      return asNumber(value) !== 0n;
    case "number":
      return decodeDouble(asNumber(value));
    case "quantity":
      return decodeQuantity(asBytes(value));
    case "int-or-string":
      return decodeIntOrString(asBytes(value));
    case "any":
      return decodeRaw(asBytes(value));
    case "union":
      return decodeUnion(schema, asBytes(value), depth);
    case "object":
      return decodeMessage(schema, asBytes(value), depth);
    default:
      throw new WireError(`a ${schema.type} has no encoding of its own`);
  }
}

function decodeUnion({ message }: UnionShape, bytes: Uint8Array, depth: number): unknown {
  return message ? message.toJson(decodeMessage(message.of(), bytes, depth)) : decodeRaw(bytes);
}

function decodeString({ format }: StringShape, bytes: Uint8Array): string | null {
  if (format === "byte") return Buffer.from(bytes).toString("base64");
  if (format === undefined) return asText(bytes);
  const { seconds, nanos } = readTimestamp(bytes);
  // The zero time of Go is written as an empty message, and as null in JSON.
  if (bytes.length === 0) return null;
  const ms = Number(seconds) * 1000;
  if (format === "date-time") return formatTime(ms);
  return formatMicroTime(ms).replace(/\.\d{6}Z$/, `.${String(Math.floor(nanos / 1000)).padStart(6, "0")}Z`);
}

function readTimestamp(bytes: Uint8Array): { seconds: bigint; nanos: number } {
  const time = { seconds: 0n, nanos: 0 };
  for (const { number, value } of readFields(bytes)) {
    if (number === 1) time.seconds = BigInt.asIntN(64, asNumber(value));
    if (number === 2) time.nanos = Number(asNumber(value));
  }
  return time;
}

/** Beyond 2^53 a bigint, as from the JSON reader. */
function decodeInteger({ format }: IntegerShape, value: bigint): number | bigint {
  const signed = BigInt.asIntN(format === "int32" ? 32 : 64, value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
}

function decodeDouble(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

function decodeQuantity(bytes: Uint8Array): string {
  for (const { number, value } of readFields(bytes)) if (number === 1) return asText(value);
  return "0";
}

function decodeIntOrString(bytes: Uint8Array): number | string {
  const found = { isText: false, number: 0, text: "" };
  for (const { number, value } of readFields(bytes)) {
    if (number === 1) found.isText = asNumber(value) === 1n;
    if (number === 2) found.number = Number(BigInt.asIntN(32, asNumber(value)));
    if (number === 3) found.text = asText(value);
  }
  return found.isText ? found.text : found.number;
}

/** RawExtension and FieldsV1: JSON text in field 1. */
function decodeRaw(bytes: Uint8Array): unknown {
  for (const { number, value } of readFields(bytes)) {
    if (number === 1) return parseRaw(asText(value));
  }
  return {};
}

function parseRaw(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new WireError("a raw value is no JSON");
  }
}

function asBytes(value: WireValue): Uint8Array {
  if (typeof value === "bigint") throw new WireError("a number stands where a message was expected");
  return value;
}

function asNumber(value: WireValue): bigint {
  if (typeof value !== "bigint") throw new WireError("bytes stand where a number was expected");
  return value;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function asText(value: WireValue): string {
  try {
    return utf8.decode(asBytes(value));
  } catch (error) {
    throw error instanceof WireError ? error : new WireError("a text is not valid UTF-8");
  }
}
