// Which form a client wants its answer in. Clients list forms they cannot be sure of first (a table, protobuf), so an entry
// that this server does not know is passed over, and only an empty rest is refused.

import { StatusError } from "../api/meta/status.ts";
import type { HttpRequest } from "../lib/http.ts";

export interface AnswerForm {
  readonly encoding: "json" | "yaml";
  /** What objects and lists are turned into. */
  readonly as: "object" | "table" | "metadata" | "metadata-list";
  /** The version of meta.k8s.io that a table or metadata was asked in. */
  readonly version: string;
  readonly pretty: boolean;
}

const JSON_FORM: AnswerForm = { encoding: "json", as: "object", version: "v1", pretty: false };
const TRANSFORMS: Readonly<Record<string, AnswerForm["as"]>> = {
  Table: "table",
  PartialObjectMetadata: "metadata",
  PartialObjectMetadataList: "metadata-list",
};
const ENCODINGS: Readonly<Record<string, AnswerForm["encoding"]>> = {
  "application/json": "json",
  "application/yaml": "yaml",
  "application/*": "json",
  "*/*": "json",
};

interface MediaRange {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

/** The clauses of an Accept header, the preferred ones first. */
export function parseAccept(header: string): readonly MediaRange[] {
  const ranges = header.split(",").map((clause) => {
    const [type = "", ...parameters] = clause.split(";").map((part) => part.trim());
    const pairs = parameters.map((parameter) => parameter.split("=", 2).map((part) => part.trim()));
    return { type: type.toLowerCase(), parameters: Object.fromEntries(pairs) as MediaRange["parameters"] };
  });
  const weight = ({ parameters }: MediaRange) => Number(parameters.q ?? 1) || 0;
  return ranges.filter((range) => range.type && weight(range) > 0).sort((a, b) => weight(b) - weight(a));
}

function formOf({ type, parameters }: MediaRange): AnswerForm | undefined {
  const encoding = ENCODINGS[type];
  if (!encoding) return undefined;
  const { as, v = "v1", g = "meta.k8s.io", pretty } = parameters;
  const form = { ...JSON_FORM, encoding, pretty: pretty === "1" || pretty === "true" };
  if (as === undefined) return form;
  const transform = Object.hasOwn(TRANSFORMS, as) ? TRANSFORMS[as] : undefined;
  if (!transform || g !== "meta.k8s.io" || (v !== "v1" && v !== "v1beta1")) return undefined;
  return { ...form, as: transform, version: v };
}

/** As Go reads booleans. */
const TRUE: ReadonlySet<string> = new Set(["1", "t", "T", "true", "TRUE", "True"]);
/** Programs whose user looks at what they print. */
const FOR_PEOPLE = /^(curl|Wget|Mozilla\/5\.0)/;

/** Clients send a handful of different headers over and over. The oldest is forgotten beyond this many. */
const KNOWN_MAX = 64;

export class Negotiator {
  readonly #known = new Map<string, AnswerForm>();

  /** Throws NotAcceptable where nothing that the client accepts can be made; of what is stored nowhere there are no tables. */
  formFor({ headers, query }: Pick<HttpRequest, "headers" | "query">, of: "stored" | "virtual" = "stored"): AnswerForm {
    const form = headers.accept ? this.#lookUp(headers.accept, of) : JSON_FORM;
    const pretty = query.get("pretty");
    if (pretty) return { ...form, pretty: TRUE.has(pretty) };
    return FOR_PEOPLE.test(headers["user-agent"] ?? "") ? { ...form, pretty: true } : form;
  }

  #lookUp(accept: string, of: "stored" | "virtual"): AnswerForm {
    const key = `${of} ${accept}`;
    const before = this.#known.get(key);
    if (before) return before;
    const form = parseAccept(accept)
      .map(formOf)
      .find((each) => each && (of === "stored" || each.as !== "table"));
    if (!form) {
      throw new StatusError(
        "NotAcceptable",
        "only the following media types are accepted: application/json, application/yaml",
      );
    }
    if (this.#known.size >= KNOWN_MAX) this.#known.delete(this.#known.keys().next().value ?? "");
    this.#known.set(key, form);
    return form;
  }
}

/** `application/json` of `application/json; charset=utf-8`. */
export const mediaTypeOf = (contentType: string | undefined): string =>
  (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
