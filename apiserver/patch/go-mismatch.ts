// The words of Go's JSON decoder for a patch that is no patch.

/** `goType`: what the text was to be read as. */
export const goMismatch = (value: unknown, goType: string): string =>
  `json: cannot unmarshal ${describe(value)} into Go value of type ${goType}`;

function describe(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (value === null) return "null";
  return typeof value === "boolean" ? "bool" : typeof value;
}
