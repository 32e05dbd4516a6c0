// JSON Patch (RFC 6902), with the limits, leniencies and words of Kubernetes' API server. Results share unchanged parts with
// the object, which is never changed; keys such as `__proto__` are plain data.

import { StatusError } from "../../api/meta/status.ts";
import { deepEqual } from "../../lib/deep-equal.ts";
import { renderJson } from "../../lib/json.ts";
import { setField } from "../../lib/set-field.ts";
import { goMismatch } from "./go-mismatch.ts";

const OPERATIONS_MAX = 10_000;
/** How much the `copy` operations of one patch may add, so that no short patch makes a huge object. */
const COPIED_BYTES_MAX = 3 * 2 ** 20;

type Fields = Readonly<Record<string, unknown>>;
type Container = Fields | readonly unknown[];

interface Operation {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: unknown;
}

/** The value after all operations. Throws StatusError: BadRequest for no patch at all, Invalid if it does not apply. */
export function applyJsonPatch(current: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw new StatusError("BadRequest", goMismatch(patch, "jsonpatch.Patch"));
  if (patch.length > OPERATIONS_MAX) {
    throw new StatusError(
      "RequestEntityTooLarge",
      `The allowed maximum operations in a JSON patch is ${OPERATIONS_MAX}, got ${patch.length}`,
    );
  }
  const copied = { bytesLeft: COPIED_BYTES_MAX };
  return patch.map(readOperation).reduce((value: unknown, operation) => applyOne(value, operation, copied), current);
}

function applyOne(value: unknown, operation: Operation, copied: { bytesLeft: number }): unknown {
  const { op, path, from, value: operand } = operation;
  switch (op) {
    case "add":
      return put(value, operation, operand);
    case "replace":
      return path.length === 0 ? operand : edit(value, path, { op, change: (at) => replace(at, operand) });
    case "remove":
      return edit(value, path, { op, change: remove });
    case "move": {
      if (isPrefix(from, path))
        throw mistake(`move operation does not apply: ${renderPointer(from)} is moved into itself`);
      const moved = get(value, from, op);
      return put(edit(value, from, { op, change: remove }), operation, moved);
    }
    case "copy": {
      const source = get(value, from, op);
      copied.bytesLeft -= renderJson(source).length;
      if (copied.bytesLeft < 0) throw mistake(`copy operations may add no more than ${COPIED_BYTES_MAX} bytes`);
      return put(value, operation, source);
    }
    case "test":
      if (!deepEqual(find(value, path) ?? null, operand)) {
        throw mistake(`testing value ${renderPointer(path)} failed: test failed`);
      }
      return value;
  }
}

/** Adds the operand at the operation's path; the empty path is the whole value. */
function put(value: unknown, { op, path }: Operation, operand: unknown): unknown {
  return path.length === 0 ? operand : edit(value, path, { op, change: (at) => insert(at, operand) });
}

const OPERATION_NAMES: ReadonlySet<unknown> = new Set(["add", "remove", "replace", "move", "copy", "test"]);

function readOperation(operation: unknown): Operation {
  if (!isObject(operation)) throw new StatusError("BadRequest", goMismatch(operation, "jsonpatch.Operation"));
  const { op, path, from, value } = operation;
  if (!OPERATION_NAMES.has(op)) throw mistake(`Unexpected kind: ${JSON.stringify(op)}`);
  const hasSource = op === "move" || op === "copy";
  if (value === undefined && (op === "add" || op === "replace" || op === "test")) {
    throw mistake(`${op} operation lacks a value`);
  }
  return {
    op: op as Operation["op"],
    path: readPointer(path, "path"),
    from: hasSource ? readPointer(from, "from") : [],
    value,
  };
}

/** RFC 6901: `~1` is a slash, `~0` a tilde. */
function readPointer(pointer: unknown, name: string): readonly string[] {
  if (typeof pointer !== "string" || (pointer !== "" && !pointer.startsWith("/"))) {
    throw mistake(`the ${name} of an operation must be a JSON pointer, got ${JSON.stringify(pointer)}`);
  }
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

const renderPointer = (path: readonly string[]): string =>
  path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

const isPrefix = (from: readonly string[], path: readonly string[]): boolean =>
  from.length < path.length && from.every((part, index) => part === path[index]);

/** A place in a container. */
interface Place {
  readonly container: Container;
  readonly key: string;
  /** The error of an operation that finds nothing here. */
  readonly missing: () => StatusError;
}

interface Edit {
  readonly op: Operation["op"];
  /** Returns the container as it is after the change. */
  readonly change: (at: Place) => Container;
}

/** The value with the container at the path changed, and all containers on the way copied. */
function edit(value: unknown, path: readonly string[], { op, change }: Edit): unknown {
  const missing = () =>
    mistake(`${op} operation does not apply: doc is missing path: "${renderPointer(path)}": missing value`);
  const editAt = (container: unknown, depth: number): Container => {
    const key = path[depth];
    if (!isContainer(container) || key === undefined) throw missing();
    const at = { container, key, missing };
    return depth === path.length - 1 ? change(at) : replace(at, editAt(getOwn(container, key), depth + 1));
  };
  return editAt(value, 0);
}

function insert({ container, key, missing }: Place, value: unknown): Container {
  if (!isList(container)) return withField(container, key, value);
  const index = key === "-" ? container.length : indexOf(key);
  if (index === undefined || index > container.length) throw missing();
  return container.toSpliced(index, 0, value);
}

function replace({ container, key, missing }: Place, value: unknown): Container {
  if (getOwn(container, key) === undefined) throw missing();
  return isList(container) ? container.with(Number(key), value) : withField(container, key, value);
}

function remove({ container, key, missing }: Place): Container {
  if (getOwn(container, key) === undefined) throw missing();
  if (isList(container)) return container.toSpliced(Number(key), 1);
  return Object.fromEntries(Object.entries(container).filter(([each]) => each !== key));
}

function withField(fields: Fields, key: string, value: unknown): Fields {
  const result = { ...fields };
  setField(result, key, value);
  return result;
}

function find(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((each, key) => (isContainer(each) ? getOwn(each, key) : undefined), value);
}

function get(value: unknown, path: readonly string[], op: Operation["op"]): unknown {
  const found = find(value, path);
  if (found !== undefined) return found;
  throw mistake(`${op} operation does not apply: doc is missing from path: ${renderPointer(path)}: missing value`);
}

function getOwn(container: Container, key: string): unknown {
  if (!isList(container)) return Object.hasOwn(container, key) ? container[key] : undefined;
  const index = indexOf(key);
  return index === undefined ? undefined : container[index];
}

const indexOf = (key: string): number | undefined => (/^(0|[1-9][0-9]{0,8})$/.test(key) ? Number(key) : undefined);

const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;
const isList = (container: Container): container is readonly unknown[] => Array.isArray(container);
const isObject = (value: unknown): value is Fields => isContainer(value) && !isList(value);

const mistake = (detail: string): StatusError =>
  new StatusError("Invalid", `the server rejected our request due to an error in our request: ${detail}`);
