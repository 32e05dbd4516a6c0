// The forms that names take in Kubernetes. Each function lists what is wrong with a text, in Kubernetes' words, and is
// empty where nothing is; qualified names and label values are in label-syntax.ts.

/** Lists what is wrong with a text; empty means valid. */
export type Format = (value: string) => readonly string[];

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const CONFIG_KEY = "[-._a-zA-Z0-9]+";
const HEADER_NAME = "[-A-Za-z0-9]+";

const SUBDOMAIN_REGEXP = new RegExp(`^${SUBDOMAIN}$`);

interface Pattern {
  readonly pattern: string;
  readonly message: string;
  readonly examples: readonly string[];
}

function hint({ pattern, message, examples }: Pattern): string {
  const texts = examples.map((example) => `'${example}', `).join(" or ");
  return `${message} (e.g. ${texts}regex used for validation is '${pattern}')`;
}

const lengthProblems = (value: string, lengthMax: number): string[] =>
  value.length > lengthMax ? [`must be no more than ${lengthMax} characters`] : [];

function patternFormat(rule: Pattern, lengthMax: number): Format {
  const regexp = new RegExp(`^(${rule.pattern})$`);
  const problem = hint(rule);
  return (value) => [...lengthProblems(value, lengthMax), ...(regexp.test(value) ? [] : [problem])];
}

/** Most objects' names: DNS labels joined by dots, 253 characters at most. */
export const subdomainProblems: Format = patternFormat(
  {
    pattern: SUBDOMAIN,
    message:
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    examples: ["example.com"],
  },
  253,
);

/** Hosts of certificates and ingress rules that stand for all names one label longer. */
export const wildcardSubdomainProblems: Format = patternFormat(
  {
    pattern: `\\*\\.${SUBDOMAIN}`,
    message:
      "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    examples: ["*.example.com"],
  },
  253,
);

const plainLabelProblems = patternFormat(
  {
    pattern: LABEL,
    message:
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    examples: ["my-name", "123-abc"],
  },
  63,
);

/** Names of namespaces, containers and volumes: one DNS label, 63 characters at most. */
export const labelProblems: Format = (value) => {
  // A text that would do as a subdomain can only have dots too many.
  const isDotted = value.includes(".") && SUBDOMAIN_REGEXP.test(value);
  return isDotted ? [...lengthProblems(value, 63), "must not contain dots"] : plainLabelProblems(value);
};

/** Names of services, which begin with a letter because some resolvers take digits for addresses. */
export const serviceNameProblems: Format = patternFormat(
  {
    pattern: LABEL_1035,
    message:
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    examples: ["my-name", "abc-123"],
  },
  63,
);

const configKeyPattern = patternFormat(
  {
    pattern: CONFIG_KEY,
    message: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    examples: ["key.name", "KEY_NAME", "key-name"],
  },
  253,
);

/** Keys of config maps and secrets, which become the names of files. */
export const configKeyProblems: Format = (value) => {
  const upwards = value === "." || value === ".." ? [`must not be '${value}'`] : ["must not start with '..'"];
  return [...configKeyPattern(value), ...(value === "." || value.startsWith("..") ? upwards : [])];
};

export const headerNameProblems: Format = patternFormat(
  {
    pattern: HEADER_NAME,
    message: "a valid HTTP header must consist of alphanumeric characters or '-'",
    examples: ["X-Header-Name"],
  },
  Infinity,
);

/** Any printable ASCII but the equals sign, as Kubernetes allows since 1.30. */
export const envNameProblems: Format = (value) => {
  if (value === "") return ["environment variable name must be non-empty"];
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
};

/** Names of ports, after RFC 6335. */
export const portNameProblems: Format = (value) => [
  ...lengthProblems(value, 15),
  ...(/^[-a-z0-9]+$/.test(value) ? [] : ["must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"]),
  ...(/[a-z]/.test(value) ? [] : ["must contain at least one letter (a-z)"]),
  ...(value.includes("--") ? ["must not contain consecutive hyphens"] : []),
  ...(value.startsWith("-") || value.endsWith("-") ? ["must not begin or end with a hyphen"] : []),
];

/** What may stand between the slashes of a URL: the only rule for names of roles and of other kinds that are lax. */
export const pathSegmentProblems: Format = (value) => [
  ...(value === "." || value === ".." ? [`may not be '${value}'`] : []),
  ...["/", "%"].filter((each) => value.includes(each)).map((each) => `may not contain '${each}'`),
];
