// The query parameters of list and watch (meta/v1 ListOptions), with Kubernetes' rules about which go together.

import { invalid, StatusError } from "../../api/meta/status.ts";
import { forbiddenField, unsupportedField, type FieldError } from "../../api/schema/field-error.ts";

export interface ListOptions {
  readonly limit?: number;
  readonly continueToken?: string;
  /** Undefined: the newest. 0: whatever is at hand. */
  readonly resourceVersion?: number;
  readonly match?: "Exact" | "NotOlderThan";
  readonly isWatch: boolean;
  readonly bookmarks: boolean;
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
}

const LIST_OPTIONS = { group: "meta.k8s.io", kind: "ListOptions", plural: "listoptions" };
const MATCH = "resourceVersionMatch";
const MATCH_WITH_CONTINUE = "resourceVersionMatch is forbidden when continue is provided";

/** Throws Invalid for combinations that contradict themselves, BadRequest for values of the wrong type. */
export function readListOptions(query: URLSearchParams): ListOptions {
  const options: ListOptions = {
    limit: readInteger(query, "limit"),
    continueToken: query.get("continue") || undefined,
    resourceVersion: readVersion(query),
    // Anything else is refused below.
    match: (query.get("resourceVersionMatch") || undefined) as ListOptions["match"],
    isWatch: readBoolean(query, "watch") ?? false,
    bookmarks: readBoolean(query, "allowWatchBookmarks") ?? false,
    sendInitialEvents: readBoolean(query, "sendInitialEvents"),
    timeoutSeconds: readInteger(query, "timeoutSeconds"),
  };
  const errors = options.isWatch ? findWatchErrors(options) : findListErrors(options);
  if (errors.length > 0) throw invalid(LIST_OPTIONS, "", errors);
  return options;
}

function findListErrors({ match, resourceVersion, continueToken, sendInitialEvents }: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  if (match !== undefined) {
    if (resourceVersion === undefined) {
      errors.push(forbiddenField(MATCH, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    if (continueToken) errors.push(forbiddenField(MATCH, MATCH_WITH_CONTINUE));
    if (match !== "Exact" && match !== "NotOlderThan") {
      errors.push(unsupportedField(MATCH, match, ["Exact", "NotOlderThan", ""]));
    }
    if (match === "Exact" && resourceVersion === 0) {
      errors.push(forbiddenField(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (sendInitialEvents !== undefined) {
    errors.push(forbiddenField("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  }
  return errors;
}

function findWatchErrors({ match, sendInitialEvents, continueToken }: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== "NotOlderThan") {
    errors.push(forbiddenField(MATCH, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
  }
  if (match === undefined) return errors;
  if (sendInitialEvents === undefined) {
    const detail = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
    errors.push(forbiddenField(MATCH, detail));
  }
  if (match !== "NotOlderThan") errors.push(unsupportedField(MATCH, match, ["NotOlderThan"]));
  if (continueToken) errors.push(forbiddenField(MATCH, MATCH_WITH_CONTINUE));
  return errors;
}

/** The version to read; undefined where none is named. Throws BadRequest for what is no version. */
export function readVersion(query: URLSearchParams): number | undefined {
  const text = query.get("resourceVersion");
  if (!text) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const problem = /^\d+$/.test(text) ? "value out of range" : "invalid syntax";
  const quoted = JSON.stringify(text);
  throw new StatusError(
    "BadRequest",
    `invalid resource version: resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${problem}`,
  );
}

function readInteger(query: URLSearchParams, name: string): number | undefined {
  const value = readInt64(query, name);
  return value === undefined ? undefined : Math.max(0, value);
}

/** A whole number of the query; undefined where there is none. Throws BadRequest. */
export function readInt64(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (!text) return undefined;
  if (/^[+-]?\d{1,15}$/.test(text)) return Number(text);
  const problem = /^[+-]?\d+$/.test(text) ? "value out of range" : "invalid syntax";
  throw new StatusError("BadRequest", `strconv.ParseInt: parsing ${JSON.stringify(text)}: ${problem}`);
}

/** As Kubernetes reads it: present without a value means true, and so does anything but false and 0. */
export function readBoolean(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name)?.toLowerCase();
  return text === undefined ? undefined : text !== "false" && text !== "0";
}
