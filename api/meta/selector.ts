// Label selectors: parsing their text form, matching, and turning a LabelSelector object into one.
// Grammar and matching follow the Kubernetes documentation on labels and selectors.

/** All requirements must hold. No requirement selects everything. */
export type Selector = readonly Requirement[];

export interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  readonly values: readonly string[];
}
