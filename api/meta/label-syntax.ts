// What a label's key and value may look like, in Kubernetes' words. Validation of metadata and the selector parser share it.

const NAME_PATTERN = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const NAME = new RegExp(`^${NAME_PATTERN}$`);
const VALUE_PATTERN = `(${NAME_PATTERN})?`;
const SUBDOMAIN_PATTERN = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const SUBDOMAIN = new RegExp(`^${SUBDOMAIN_PATTERN}$`);
const NAME_LENGTH_MAX = 63;
const PREFIX_LENGTH_MAX = 253;

const regexHint = (pattern: string, ...examples: string[]): string =>
  `(e.g. ${examples.map((example) => `'${example}'`).join(",  or ")}, regex used for validation is '${pattern}')`;
const EMPTY_NAME = "name part must be non-empty";
const BAD_NAME = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character ${regexHint(NAME_PATTERN, "MyName", "my.name", "123-abc")}`;
const BAD_PREFIX = `prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN_PATTERN}')`;
const BAD_KEY = `a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character ${regexHint(NAME_PATTERN, "MyName", "my.name", "123-abc")} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
const BAD_VALUE = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character ${regexHint(VALUE_PATTERN, "MyValue", "my_value", "12345")}`;
const tooLong = (bytesMax: number): string => `must be no more than ${bytesMax} characters`;

/** What is wrong with a qualified name (the key of a label, annotation or taint, a finalizer); empty if nothing is. */
export function qualifiedNameProblems(key: string): string[] {
  const parts = key.split("/");
  if (parts.length > 2) return [BAD_KEY];
  const name = parts.at(-1) ?? "";
  return parts.length === 2 ? [...prefixProblems(parts[0] ?? ""), ...nameProblems(name)] : nameProblems(name);
}

function prefixProblems(prefix: string): string[] {
  if (prefix === "") return ["prefix part must be non-empty"];
  const problems = prefix.length > PREFIX_LENGTH_MAX ? [`prefix part ${tooLong(PREFIX_LENGTH_MAX)}`] : [];
  return SUBDOMAIN.test(prefix) ? problems : [...problems, BAD_PREFIX];
}

function nameProblems(name: string): string[] {
  const problems =
    name === "" ? [EMPTY_NAME] : name.length > NAME_LENGTH_MAX ? [`name part ${tooLong(NAME_LENGTH_MAX)}`] : [];
  return NAME.test(name) ? problems : [...problems, BAD_NAME];
}

/** What is wrong with a label's value; empty if nothing is. */
export function labelValueProblems(value: string): string[] {
  const problems = value.length > NAME_LENGTH_MAX ? [tooLong(NAME_LENGTH_MAX)] : [];
  return value === "" || NAME.test(value) ? problems : [...problems, BAD_VALUE];
}
