// What `kctl wait --for` waits for, and whether an object has come to it. Pure.

import { listAt, textAt, type AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { findValues, parseRelaxedPath } from "../json-path/render-template.ts";
import type { Step } from "../json-path/parse-template.ts";

export type WaitCondition =
  | { readonly kind: "delete" | "create" }
  | { readonly kind: "condition"; readonly name: string; readonly status: string }
  | { readonly kind: "jsonpath"; readonly path: readonly Step[]; readonly value: string | undefined };

/** Reads `delete`, `create`, `condition=Ready`, `condition=Ready=False`, `jsonpath={.a}=b`. Throws CommandError for other words. */
export function parseWaitCondition(text: string): WaitCondition {
  const lower = text.toLowerCase();
  if (lower === "delete" || lower === "create") return { kind: lower };
  if (text.startsWith("condition=")) {
    const [name = "", status = "true"] = splitAtEquals(text.slice("condition=".length));
    return { kind: "condition", name, status };
  }
  if (text.startsWith("jsonpath=")) return parsePathCondition(text.slice("jsonpath=".length));
  throw new CommandError(`unrecognized condition: ${JSON.stringify(text)}`);
}

function splitAtEquals(text: string): readonly [string, string?] {
  const at = text.indexOf("=");
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** The value comes after the equals sign that follows the closing brace: filters hold equals signs of their own. */
function parsePathCondition(text: string): WaitCondition {
  const end = text.startsWith("{") ? text.lastIndexOf("}") + 1 : text.search(/=(?!=)/);
  const path = end > 0 ? text.slice(0, end) : text;
  const rest = end > 0 ? text.slice(end) : "";
  if (path === "") throw new CommandError("jsonpath expression cannot be empty");
  if (rest === "=")
    throw new CommandError(
      "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
    );
  if (rest !== "" && !rest.startsWith("="))
    throw new CommandError(`jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3`);
  try {
    return { kind: "jsonpath", path: parseRelaxedPath(path), value: rest === "" ? undefined : unquote(rest.slice(1)) };
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}

const unquote = (text: string): string => /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;

/** Whether an object, or its absence, is what is waited for. Throws CommandError where a path gives what cannot be compared. */
export function isMet(condition: WaitCondition, object: AnyObject | undefined): boolean {
  switch (condition.kind) {
    case "delete":
      return object === undefined;
    case "create":
      return object !== undefined;
    case "condition":
      return object !== undefined && hasCondition(object, condition);
    case "jsonpath":
      return object !== undefined && hasValue(object, condition);
  }
}

/** A condition that was found before the object's newest change says nothing about it. */
function hasCondition(object: AnyObject, wanted: { readonly name: string; readonly status: string }): boolean {
  const found = listAt(object, "status", "conditions").find(
    (each) => textAt(each, "type").toLowerCase() === wanted.name.toLowerCase(),
  );
  if (found === undefined) return false;
  const observed = textAt(found, "observedGeneration") || textAt(object, "status", "observedGeneration");
  if (observed !== "" && Number(observed) < Number(object.metadata.generation ?? 0)) return false;
  return textAt(found, "status").toLowerCase() === wanted.status.toLowerCase();
}

function hasValue(object: AnyObject, { path, value }: { path: readonly Step[]; value: string | undefined }): boolean {
  const found = findValues(path, object);
  if (found.length === 0) return false;
  if (value === undefined) return true;
  if (found.length > 1) throw new CommandError("given jsonpath expression matches more than one value");
  const [only] = found;
  if (typeof only === "object" && only !== null) {
    throw new CommandError("jsonpath leads to a nested object or list which is not supported");
  }
  return String(only).trim() === value.trim();
}
