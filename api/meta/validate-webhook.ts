// Rules for how the API server reaches webhooks, from Kubernetes' validation: admission and conversion share them.

import { checkPortNumber, checkRequired, eachItem, when } from "./field-checks.ts";
import { serviceNameProblems, subdomainProblems } from "./names.ts";
import { invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

interface WebhookService {
  readonly namespace: string;
  readonly name: string;
  readonly path?: string;
  readonly port?: number;
}

export interface WebhookClient {
  readonly url?: string;
  readonly service?: WebhookService;
}

export function validateWebhookClient({ url, service }: WebhookClient, path: string): Errors {
  if ((url === undefined) === (service === undefined)) {
    return [requiredField(path, "exactly one of url or service is required")];
  }
  return [
    ...(url === undefined ? [] : validateUrl(url, `${path}.url`)),
    ...(service ? validateService(service, `${path}.service`) : []),
  ];
}

/** RFC 3986, appendix B. */
const URL_PARTS = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;
const FORM = "; desired format: https://host[/path]";

function validateUrl(url: string, path: string): Errors {
  const problem = urlProblem(url);
  if (problem) return [requiredField(path, `url must be a valid URL: parse ${JSON.stringify(url)}: ${problem}${FORM}`)];
  const [, scheme = "", authority = "", , query = "", fragment = ""] = URL_PARTS.exec(url) ?? [];
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  const user = authority.slice(0, Math.max(at, 0));
  return [
    ...when(
      scheme.toLowerCase() !== "https",
      invalidField(path, scheme.toLowerCase(), `'https' is the only allowed URL scheme${FORM}`),
    ),
    ...when(!host, invalidField(path, host, `host must be provided${FORM}`)),
    ...when(at >= 0, invalidField(path, user, "user information is not permitted in the URL")),
    ...when(fragment, invalidField(path, fragment, "fragments are not permitted in the URL")),
    ...when(query, invalidField(path, query, "query parameters are not permitted in the URL")),
  ];
}

const FIRST_SEGMENT = "first path segment in URL cannot contain colon";

/** What keeps Go from reading the text as a URL. */
function urlProblem(url: string): string | undefined {
  const [, scheme, authority = ""] = URL_PARTS.exec(url) ?? [];
  const isControl = (character: string) => character < " " || character === "\u007f";
  const escape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(url)?.[0];
  if ([...url].some(isControl)) return "net/url: invalid control character in URL";
  if (url.startsWith(":")) return "missing protocol scheme";
  if (scheme !== undefined && !/^[a-zA-Z][a-zA-Z0-9+.-]*$/.test(scheme)) return FIRST_SEGMENT;
  if (escape !== undefined) return `invalid URL escape ${JSON.stringify(escape)}`;
  return hostProblem(authority.slice(authority.lastIndexOf("@") + 1));
}

function hostProblem(host: string): string | undefined {
  const wrong = /[ <>"{}|\\^`]/.exec(host)?.[0];
  if (wrong !== undefined) return `invalid character ${JSON.stringify(wrong)} in host name`;
  const port = /:.*$/.exec(host.replace(/^\[.*\]/, ""))?.[0] ?? "";
  return /^(:\d*)?$/.test(port) ? undefined : `invalid port ${JSON.stringify(port)} after host`;
}

function validateService({ namespace, name, path: urlPath, port }: WebhookService, path: string): Errors {
  const portProblem = checkPortNumber(`${path}.port`, port).length > 0;
  return [
    ...checkRequired(`${path}.name`, name, "service name is required"),
    ...checkRequired(`${path}.namespace`, namespace, "service namespace is required"),
    ...when(
      portProblem,
      invalidField(`${path}.port`, port, "port is not valid: must be between 1 and 65535, inclusive"),
    ),
    ...(urlPath ? pathProblems(urlPath).map((problem) => invalidField(`${path}.path`, urlPath, problem)) : []),
  ];
}

function pathProblems(urlPath: string): readonly string[] {
  if (urlPath === "/") return [];
  if (urlPath === "//") return ["segment[0] may not be empty"];
  const segments = urlPath.slice(1).replace(/\/$/, "").split("/");
  return [
    ...(urlPath.startsWith("/") ? [] : ["must start with a '/'"]),
    ...segments.flatMap((segment, index) =>
      segment === ""
        ? [`segment[${index}] may not be empty`]
        : subdomainProblems(segment).map((problem) => `segment[${index}]: ${problem}`),
    ),
  ];
}

interface ReviewRules {
  /** Versions of the review that the API server speaks, of which the webhook must know one. */
  readonly known: readonly string[];
  /** What to say where no version is given. */
  readonly missing?: string;
  /** False for objects that were stored without a known version. */
  readonly isKnownRequired: boolean;
}

export function validateReviewVersions(versions: readonly string[], path: string, rules: ReviewRules): Errors {
  if (versions.length === 0) return [requiredField(path, rules.missing)];
  const isKnown = versions.some((version) => rules.known.includes(version));
  return [
    ...eachItem(versions, path, (version, at, index) =>
      versions.indexOf(version) < index
        ? [invalidField(at, version, "duplicate version")]
        : serviceNameProblems(version).map((problem) => invalidField(at, version, problem)),
    ),
    ...when(
      rules.isKnownRequired && !isKnown,
      invalidField(path, versions, `must include at least one of ${rules.known.join(", ")}`),
    ),
  ];
}
