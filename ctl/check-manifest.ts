// Checks a manifest of a built-in kind before it is sent, so that a mistake is named together with the field that was probably meant.
// The server checks again, and it alone checks the kinds that kctl does not have.

import { prune } from "../api/schema/prune.ts";
import type { Schema } from "../api/schema/schema.ts";
import { builtInSchema } from "./built-in-schema.ts";
import { closestName } from "./closest-name.ts";
import { CommandError } from "./command-error.ts";
import type { Manifest } from "./manifests.ts";

/** Throws CommandError, naming each unknown field and each value of a wrong type by its path. Pure. */
export function checkManifest({ object, source }: Manifest): void {
  const schema = builtInSchema(object);
  if (!schema) return;
  const problems = findProblems(schema, object);
  if (problems.length === 0) return;
  const { apiVersion, kind } = object;
  const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
  throw new CommandError(
    `error validating ${JSON.stringify(source)}: ${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${problems}`,
  );
}

function findProblems(schema: Schema, object: unknown): string {
  try {
    const { problems } = prune(schema, object);
    if (problems.length === 0) return "";
    return `strict decoding error: ${problems.map((problem) => `${problem}${hintFor(schema, problem)}`).join(", ")}`;
  } catch (error) {
    if (error instanceof Error && error.name === "DecodeError") return error.message;
    throw error;
  }
}

/** `; did you mean "replicas"?`, where a field of that place has a similar name. */
function hintFor(schema: Schema, problem: string): string {
  const path = /^unknown field "(.*)"$/.exec(problem)?.[1];
  if (path === undefined) return "";
  const names = path.split(".").map((name) => name.replace(/(\[\d+\])+$/, ""));
  const parent = names.slice(0, -1).reduce<Schema | undefined>(childOf, schema);
  const resolved = itemOf(parent);
  if (resolved?.type !== "object") return "";
  const suggestion = closestName(names.at(-1) ?? "", Object.keys(resolved.fields));
  return suggestion ? `; did you mean "${suggestion}"?` : "";
}

function childOf(schema: Schema | undefined, name: string): Schema | undefined {
  const parent = itemOf(schema);
  if (parent?.type === "map") return parent.values;
  return parent?.type === "object" && Object.hasOwn(parent.fields, name) ? parent.fields[name]?.schema : undefined;
}

/** What stands at the end of lists and of references to types. */
function itemOf(schema: Schema | undefined): Schema | undefined {
  if (schema?.type === "lazy") return itemOf(schema.of());
  return schema?.type === "list" ? itemOf(schema.items) : schema;
}
