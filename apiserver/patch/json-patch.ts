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
type OpenContainer = Record<string, unknown> | unknown[];

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
  const draft = new Draft(current);
  for (const operation of patch.map(readOperation)) applyOne(draft, operation);
  return draft.value;
}

function applyOne(draft: Draft, { op, path, from, value }: Operation): void {
  switch (op) {
    case "add":
      return draft.put(path, op, value);
    case "replace":
      return path.length === 0 ? draft.start(value) : draft.edit(path, op, (at) => replace(at, value));
    case "remove":
      return draft.edit(path, op, remove);
    case "move": {
      if (isPrefix(from, path))
        throw mistake(`move operation does not apply: ${renderPointer(from)} is moved into itself`);
      const moved = get(draft.value, from, op);
      draft.edit(from, op, remove);
      return draft.put(path, op, moved);
    }
    case "copy":
      return draft.put(path, op, draft.share(get(draft.value, from, op)));
    case "test":
      if (!deepEqual(find(draft.value, path) ?? null, value)) {
        throw mistake(`testing value ${renderPointer(path)} failed: test failed`);
      }
  }
}

/** The value as the operations so far have left it. A container is copied when it is first changed, and not for each change. */
class Draft {
  #value: unknown;
  /** The copies: nothing but one place of this draft refers to each, so that they may be changed as they are. */
  readonly #own = new WeakSet<object>();
  #bytesToCopy = COPIED_BYTES_MAX;

  constructor(value: unknown) {
    this.#value = value;
  }

  get value(): unknown {
    return this.#value;
  }

  /** Begins anew, with another value. */
  start(value: unknown): void {
    this.#value = value;
  }

  /** Adds a value at the path; the empty path is the whole. */
  put(path: readonly string[], op: Operation["op"], value: unknown): void {
    if (path.length === 0) this.start(value);
    else this.edit(path, op, (at) => insert(at, value));
  }

  /** Changes the container at the path; all containers on the way become copies. */
  edit(path: readonly string[], op: Operation["op"], change: (at: Place) => void): void {
    const missing = () =>
      mistake(`${op} operation does not apply: doc is missing path: "${renderPointer(path)}": missing value`);
    const last = path.at(-1);
    if (last === undefined) throw missing();
    let container = this.#open(this.#value, missing);
    this.#value = container;
    for (const key of path.slice(0, -1)) {
      const next = this.#open(getOwn(container, key), missing);
      assign(container, key, next);
      container = next;
    }
    change({ container, key: last, missing });
  }

  /** A part of the draft that may now be in two places: it is copied again before either of them is changed. */
  share(part: unknown): unknown {
    this.#bytesToCopy -= renderJson(part).length;
    if (this.#bytesToCopy < 0) throw mistake(`copy operations may add no more than ${COPIED_BYTES_MAX} bytes`);
    const disown = (value: unknown) => {
      if (!isContainer(value)) return;
      this.#own.delete(value);
      Object.values(value).forEach(disown);
    };
    disown(part);
    return part;
  }

  #open(value: unknown, missing: Place["missing"]): OpenContainer {
    if (!isContainer(value)) throw missing();
    if (this.#own.has(value)) return value as OpenContainer;
    const copy = isList(value) ? [...value] : { ...value };
    this.#own.add(copy);
    return copy;
  }
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
  readonly container: OpenContainer;
  readonly key: string;
  /** The error of an operation that finds nothing here. */
  readonly missing: () => StatusError;
}

function insert({ container, key, missing }: Place, value: unknown): void {
  if (!Array.isArray(container)) return setField(container, key, value);
  const index = key === "-" ? container.length : indexOf(key);
  if (index === undefined || index > container.length) throw missing();
  container.splice(index, 0, value);
}

function replace({ container, key, missing }: Place, value: unknown): void {
  if (getOwn(container, key) === undefined) throw missing();
  assign(container, key, value);
}

function remove({ container, key, missing }: Place): void {
  if (getOwn(container, key) === undefined) throw missing();
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else Reflect.deleteProperty(container, key);
}

function assign(container: OpenContainer, key: string, value: unknown): void {
  if (Array.isArray(container)) container[Number(key)] = value;
  else setField(container, key, value);
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
