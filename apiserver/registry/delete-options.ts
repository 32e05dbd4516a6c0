// meta/v1 DeleteOptions, which come in the body, in the query, or not at all.

import { invalid, StatusError } from "../../api/meta/status.ts";
import { invalidField, unsupportedField, type FieldError } from "../../api/schema/field-error.ts";
import { boolean, int64, list, object, optional, string } from "../../api/schema/schema.ts";
import type { HttpRequest } from "../../lib/http.ts";
import { readBody } from "../request-body.ts";
import { readBoolean } from "./list-options.ts";

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun: boolean;
}

const preconditions = object("io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions", "What the object must be.", {
  uid: optional(1, string(), "The uid that the object must have."),
  resourceVersion: optional(2, string(), "The version that the object must have."),
});

/** For bodies in protobuf. */
export const deleteOptions = object("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions", "How to delete an object.", {
  gracePeriodSeconds: optional(1, int64(), "How long the object may take to end by itself."),
  preconditions: optional(2, preconditions, "What must hold for the object to be deleted."),
  orphanDependents: optional(3, boolean(), "The older way to say whether dependents stay."),
  propagationPolicy: optional(4, string(), "What becomes of dependents."),
  dryRun: optional(5, list(string()), "Whether the deletion is only to be tried."),
});

interface Sent {
  readonly gracePeriodSeconds?: unknown;
  readonly propagationPolicy?: unknown;
  readonly orphanDependents?: unknown;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | null;
  readonly dryRun?: unknown;
}

const POLICIES: readonly unknown[] = ["Orphan", "Background", "Foreground"];
const KIND = { group: "meta.k8s.io", kind: "DeleteOptions", plural: "deleteoptions" };

/** What the body says counts; without a body, the query. Throws BadRequest and Invalid. */
export async function readDeleteOptions(http: HttpRequest): Promise<DeleteOptions> {
  const { value } = await readBody(http, deleteOptions);
  if (value !== undefined && (typeof value !== "object" || value === null || Array.isArray(value))) {
    throw new StatusError("BadRequest", "couldn't get version/kind; the body is no DeleteOptions object");
  }
  const { kind } = (value ?? {}) as { readonly kind?: unknown };
  if (kind !== undefined && kind !== "" && kind !== "DeleteOptions") {
    throw new StatusError(
      "BadRequest",
      `decoded object cannot be converted to DeleteOptions: it is a ${JSON.stringify(kind)}`,
    );
  }
  return readSent((value as Sent | undefined) ?? sentInQuery(http.query));
}

/** Throws Invalid for values that contradict each other or mean nothing. */
export function readSent(sent: Sent): DeleteOptions {
  const gracePeriodSeconds = sent.gracePeriodSeconds ?? undefined;
  if (gracePeriodSeconds !== undefined && !Number.isSafeInteger(gracePeriodSeconds)) {
    throw new StatusError(
      "BadRequest",
      "json: cannot unmarshal gracePeriodSeconds into Go struct field DeleteOptions.gracePeriodSeconds of type int64",
    );
  }
  const dryRun = [sent.dryRun ?? []].flat();
  const errors = [...findPolicyErrors(sent), ...findDryRunErrors(dryRun)];
  if (errors.length > 0) throw invalid(KIND, "", errors);
  return {
    gracePeriodSeconds: gracePeriodSeconds as number | undefined,
    propagationPolicy: (sent.propagationPolicy ??
      policyOf(sent.orphanDependents)) as DeleteOptions["propagationPolicy"],
    preconditions: sent.preconditions ?? undefined,
    dryRun: dryRun.length > 0,
  };
}

function findPolicyErrors({ propagationPolicy, orphanDependents }: Sent): FieldError[] {
  if (propagationPolicy === undefined || propagationPolicy === null) return [];
  const errors: FieldError[] = [];
  if (orphanDependents !== undefined && orphanDependents !== null) {
    const detail = "orphanDependents and deletionPropagation cannot be both set";
    errors.push(invalidField("propagationPolicy", propagationPolicy, detail));
  }
  if (!POLICIES.includes(propagationPolicy)) {
    errors.push(
      unsupportedField("propagationPolicy", propagationPolicy, ["Foreground", "Background", "Orphan", "nil"]),
    );
  }
  return errors;
}

const findDryRunErrors = (dryRun: readonly unknown[]): FieldError[] =>
  dryRun.filter((value) => value !== "All").map((value) => unsupportedField("dryRun", value, ["All"]));

/** The older way to say it. */
const policyOf = (orphan: unknown) =>
  orphan === undefined || orphan === null ? undefined : orphan ? "Orphan" : "Background";

function sentInQuery(query: URLSearchParams): Sent {
  const grace = query.get("gracePeriodSeconds");
  const dryRun = query.getAll("dryRun").filter(Boolean);
  return {
    gracePeriodSeconds: grace ? Number(grace) : undefined,
    propagationPolicy: query.get("propagationPolicy") || undefined,
    orphanDependents: readBoolean(query, "orphanDependents"),
    dryRun: dryRun.length > 0 ? dryRun : undefined,
  };
}
