// Regular expressions as Go's RE2 reads them. Its syntax is nearly JavaScript's: some of it is written otherwise, and what
// would need backtracking is missing.

/** The same pattern for JavaScript, or why Go would refuse it. */
export function translateGoPattern(pattern: string): { readonly regexp: RegExp } | { readonly problem: string } {
  const unsupported = /\\\\|\(\?(?:<?[=!])|\\[1-9]/g;
  for (const [found] of pattern.matchAll(unsupported)) {
    if (found.startsWith("(?")) return refused(`invalid or unsupported Perl syntax: \`${found}\``);
    if (found !== "\\\\") return refused(`invalid escape sequence: \`${found}\``);
  }
  const flags = /^\(\?([imsU]+)\)/.exec(pattern)?.[1] ?? "";
  const translated = pattern
    .replace(/^\(\?[imsU]+\)/, "")
    .replace(/\(\?[imsU]+:/g, "(?:")
    .replace(/\(\?P</g, "(?<")
    .replace(/\\A/g, "^")
    .replace(/\\z/g, "$");
  try {
    return { regexp: new RegExp(translated, flags.replace("U", "")) };
  } catch (error) {
    if (error instanceof SyntaxError) return refused(error.message.replace(/^Invalid regular expression: /, ""));
    throw error;
  }
}

const refused = (problem: string) => ({ problem: `error parsing regexp: ${problem}` });
