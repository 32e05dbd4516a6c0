// The query parameters of list and watch (meta/v1 ListOptions), with Kubernetes' rules about which go together.

import { invalid } from "../../api/meta/status.ts";
import { forbiddenField, invalidField, unsupportedField, type FieldError } from "../../api/schema/field-error.ts";
import { StatusError } from "../../api/meta/status.ts";

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

/** Throws Invalid for combinations that contradict themselves, BadRequest for values of the wrong type. */
export function readListOptions(query: URLSearchParams): ListOptions {
  const options: ListOptions = {
    limit: readInteger(query, "limit"),
    continueToken: query.get("continue") || undefined,
    resourceVersion: readVersion(query),
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
  if (sendInitialEvents !== undefined) {
    errors.push(forbiddenField("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  }
  if (match === undefined) return errors;
  const path = "resourceVersionMatch";
  if (resourceVersion === undefined) {
    errors.push(forbiddenField(path, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
  }
  if (continueToken) {
    errors.push(forbiddenField(path, "resourceVersionMatch is forbidden when continue is provided"));
  }
  if (match !== "Exact" && match !== "NotOlderThan") {
    errors.push(unsupportedField(path, match, ["Exact", "NotOlderThan"]));
  }
  if (match === "Exact" && resourceVersion === 0) {
    errors.push(forbiddenField(path, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  return errors;
}

function findWatchErrors({ match, bookmarks, sendInitialEvents, continueToken }: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const path = "resourceVersionMatch";
  if (sendInitialEvents === undefined) {
    if (match !== undefined) {
      errors.push(
        forbiddenField(path, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"),
      );
    }
    return errors;
  }
  if (match === undefined) {
    errors.push(forbiddenField(path, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
  } else if (match !== "NotOlderThan") {
    errors.push(unsupportedField(path, match, ["NotOlderThan"]));
  }
  if (sendInitialEvents && !bookmarks) {
    errors.push(
      forbiddenField("allowWatchBookmarks", "sendInitialEvents requires setting allowWatchBookmarks to true"),
    );
  }
  if (continueToken) errors.push(forbiddenField("continue", "continue is forbidden for watch"));
  return errors;
}

/** The version to read; undefined where none is named. Throws Invalid for what is no version. */
export function readVersion(query: URLSearchParams): number | undefined {
  const text = query.get("resourceVersion");
  if (!text) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalid(LIST_OPTIONS, "", [invalidField("resourceVersion", text, "must be an unsigned integer")]);
}

function readInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (!text) return undefined;
  if (/^-?\d{1,15}$/.test(text)) return Math.max(0, Number(text));
  throw new StatusError("BadRequest", `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** As Kubernetes reads it: present without a value means true, and so does anything but false and 0. */
export function readBoolean(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  return text === null ? undefined : text !== "false" && text !== "0";
}
