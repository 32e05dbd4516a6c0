// What a JSON patch says in vain: members of its operations that mean nothing, and keys that are given more than once.

import { isJsonObject } from "../../api/schema/strategic-merge.ts";

const MEMBERS: readonly string[] = ["op", "path", "from", "value"];

/** In the words of Kubernetes, in the order of the operations. `duplicates` are paths as parseJson reports them. */
export function jsonPatchProblems(patch: unknown, duplicates: readonly string[]): readonly string[] {
  if (!Array.isArray(patch)) return [];
  const unknown = patch.flatMap((operation, index) =>
    isJsonObject(operation) ? Object.keys(operation).map((key) => ({ index, key })) : [],
  );
  const problems = [
    ...unknown
      .filter(({ key }) => !MEMBERS.includes(key))
      .map(({ index, key }) => ({ index, text: `unknown field "[${index}].${key}"` })),
    ...duplicates.map((path) => ({
      index: Number(path.slice(1, path.indexOf("]"))),
      text: `duplicate field "${path}"`,
    })),
  ];
  return problems.sort((a, b) => a.index - b.index).map(({ text }) => `json patch ${text}`);
}
