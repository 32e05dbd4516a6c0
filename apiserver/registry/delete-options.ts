// meta/v1 DeleteOptions, which come in the body, in the query, or not at all. ignoreStoreReadErrorWithClusterBreakingPotential
// belongs to a feature that is off; like Kubernetes with the feature off, this server takes no notice of it.

import { invalid, StatusError } from "../../api/meta/status.ts";
import { invalidField, unsupportedField, type FieldError } from "../../api/schema/field-error.ts";
import { boolean, int64, list, object, optional, string } from "../../api/schema/schema.ts";
import { decodeObject } from "../../api/schema/decode.ts";
import type { HttpRequest } from "../../lib/http.ts";
import { readBody } from "../request-body.ts";
import { readBoolean, readInt64 } from "./list-options.ts";

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
  /** As the caller has said it: `propagationPolicy` has its meaning. */
  readonly orphanDependents?: boolean;
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
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

const POLICIES: readonly string[] = ["Foreground", "Background", "Orphan"];
const KIND = { group: "meta.k8s.io", kind: "DeleteOptions", plural: "deleteoptions" };

/** What the body says counts, alone; without a body, the query. Throws BadRequest and Invalid. */
export async function readDeleteOptions(http: HttpRequest): Promise<DeleteOptions> {
  const { value } = await readBody(http, deleteOptions);
  return value === undefined ? checkDeleteOptions(sentInQuery(http.query)) : parseDeleteOptions(value);
}

/** Options name any group and version, or none: they are the same everywhere. Throws BadRequest and Invalid. */
export function parseDeleteOptions(value: unknown): DeleteOptions {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new StatusError("BadRequest", "couldn't get version/kind; the body is no DeleteOptions object");
  }
  const { kind } = value as { readonly kind?: unknown };
  if (kind !== undefined && kind !== "" && kind !== "DeleteOptions") {
    throw new StatusError(
      "BadRequest",
      `decoded object cannot be converted to DeleteOptions: it is a ${JSON.stringify(kind)}`,
    );
  }
  return checkDeleteOptions(decodeObject<Sent>(deleteOptions, value, { fieldValidation: "Ignore" }).object);
}

function checkDeleteOptions(sent: Sent): DeleteOptions {
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun = [] } = sent;
  const errors = [...findPolicyErrors(sent), ...findDryRunErrors(dryRun)];
  if (errors.length > 0) throw invalid(KIND, "", errors);
  return {
    // A negative period is taken for the shortest that still lets the owner react.
    gracePeriodSeconds: gracePeriodSeconds !== undefined && gracePeriodSeconds < 0 ? 1 : gracePeriodSeconds,
    propagationPolicy: (propagationPolicy ?? policyOf(orphanDependents)) as DeleteOptions["propagationPolicy"],
    orphanDependents,
    preconditions,
    dryRun: dryRun.length > 0,
  };
}

function findPolicyErrors({ propagationPolicy, orphanDependents }: Sent): FieldError[] {
  if (propagationPolicy === undefined) return [];
  const errors: FieldError[] = [];
  if (orphanDependents !== undefined) {
    const detail = "orphanDependents and deletionPropagation cannot be both set";
    errors.push(invalidField("propagationPolicy", propagationPolicy, detail));
  }
  if (!POLICIES.includes(propagationPolicy)) {
    errors.push(unsupportedField("propagationPolicy", propagationPolicy, [...POLICIES, "nil"]));
  }
  return errors;
}

/** One error however many values are wrong, as Kubernetes gives it. */
const findDryRunErrors = (dryRun: readonly string[]): FieldError[] =>
  dryRun.every((value) => value === "All") ? [] : [unsupportedField("dryRun", dryRun, ["All"])];

/** The older way to say it. */
const policyOf = (orphan: boolean | undefined) => (orphan === undefined ? undefined : orphan ? "Orphan" : "Background");

function sentInQuery(query: URLSearchParams): Sent {
  const dryRun = query.getAll("dryRun").filter(Boolean);
  return {
    gracePeriodSeconds: readInt64(query, "gracePeriodSeconds"),
    propagationPolicy: query.get("propagationPolicy") || undefined,
    orphanDependents: readBoolean(query, "orphanDependents"),
    ...(dryRun.length > 0 && { dryRun }),
  };
}
