// How volumes can be mounted: by one node or many, for writing or not. Volumes and claims have the same rules for it.

import { when } from "../meta/field-checks.ts";
import { forbiddenField, unsupportedField, type FieldError } from "../schema/field-error.ts";

const SHORT_NAMES = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
} as const;

const SUPPORTED = Object.keys(SHORT_NAMES).sort();
const ONE_POD = "ReadWriteOncePod";

/** As tables show them: `RWO,ROX`, in this order whatever the object's is. */
export function renderAccessModes(modes: readonly string[] = []): string {
  return Object.entries(SHORT_NAMES)
    .filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(",");
}

export function validateAccessModes(modes: readonly string[] = [], path: string): readonly FieldError[] {
  const isShared = modes.some((mode) => mode !== ONE_POD && SUPPORTED.includes(mode));
  return [
    ...modes.filter((mode) => !SUPPORTED.includes(mode)).map((mode) => unsupportedField(path, mode, SUPPORTED)),
    ...when(
      modes.includes(ONE_POD) && isShared,
      forbiddenField(path, "may not use ReadWriteOncePod with other access modes"),
    ),
  ];
}
