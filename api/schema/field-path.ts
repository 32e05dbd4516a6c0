// Where a walk through an object is, kept as parts and written out only when there is something to report.

/** A field's name, an item's index, or the key of a map's entry. */
export type PathPart = string | number | { readonly key: string };
export type FieldPath = readonly PathPart[];

/** `spec.containers[0].resources.limits[cpu]`, as in Kubernetes' validation errors. */
export function renderFieldPath(path: FieldPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "string") text += text === "" ? part : `.${part}`;
    else text += `[${typeof part === "number" ? part : part.key}]`;
  }
  return text;
}

/** `spec.containers[0].resources.limits.cpu`, as in Kubernetes' strict decoding errors. */
export function renderJsonPath(path: FieldPath): string {
  return renderFieldPath(path.map((part) => (typeof part === "object" ? part.key : part)));
}

/** `spec.containers.resources.limits`: the names of struct fields only, as in the errors of Go's JSON decoder. */
export function renderStructPath(path: FieldPath): string {
  return path.filter((part) => typeof part === "string").join(".");
}
