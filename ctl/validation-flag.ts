// --validate: what the server does with fields that it does not know.

import { CommandError } from "./command-error.ts";
import { textOr } from "./flags.ts";

export const validationFlags = {
  validate: textOr("strict", "What to do about unknown fields: strict (refuse), warn, or ignore.", {
    bare: "strict",
    placeholder: "MODE",
  }),
};

/** As the query parameter of that name. Throws CommandError for other words. */
export function parseValidation(flag: string): "Strict" | "Warn" | "Ignore" {
  if (flag === "strict" || flag === "true") return "Strict";
  if (flag === "warn") return "Warn";
  if (flag === "ignore" || flag === "false") return "Ignore";
  throw new CommandError(
    `invalid - validate option ${JSON.stringify(flag)}; must be one of: strict (or true), warn, ignore (or false)`,
  );
}
