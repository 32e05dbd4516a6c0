// meta/v1 DeleteOptions, which come in the body, in the query, or not at all.

import { invalid, StatusError } from "../../api/meta/status.ts";
import { invalidField, unsupportedField, type FieldError } from "../../api/schema/field-error.ts";
import type { HttpRequest } from "../../lib/http.ts";
import { readBody } from "../request-body.ts";
import { readBoolean } from "./list-options.ts";

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun: boolean;
}

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
  const { value } = await readBody(http);
  if (value !== undefined && (typeof value !== "object" || value === null || Array.isArray(value))) {
    throw new StatusError("BadRequest", "couldn't get version/kind; the body is no DeleteOptions object");
  }
  const { kind } = (value ?? {}) as { readonly kind?: unknown };
  if (kind !== undefined && kind !== "" && kind !== "DeleteOptions") {
    throw new StatusError("BadRequest", `decoded object cannot be converted to DeleteOptions: it is a ${String(kind)}`);
  }
  return readSent((value as Sent | undefined) ?? sentInQuery(http.query));
}

export function readSent(sent: Sent): DeleteOptions {
  const policy = sent.propagationPolicy ?? undefined;
  const orphan = sent.orphanDependents ?? undefined;
  const grace = sent.gracePeriodSeconds ?? undefined;
  const errors: FieldError[] = [];
  if (policy !== undefined && orphan !== undefined) {
    const detail = "orphanDependents and deletionPropagation cannot be both set";
    errors.push(invalidField("propagationPolicy", policy, detail));
  }
  if (policy !== undefined && !POLICIES.includes(policy)) {
    errors.push(unsupportedField("propagationPolicy", policy, ["Foreground", "Background", "Orphan", "nil"]));
  }
  const dryRun = sent.dryRun === undefined || sent.dryRun === null ? [] : [sent.dryRun].flat();
  for (const value of dryRun) if (value !== "All") errors.push(unsupportedField("dryRun", value, ["All"]));
  if (grace !== undefined && !Number.isSafeInteger(grace)) {
    throw new StatusError(
      "BadRequest",
      "json: cannot unmarshal gracePeriodSeconds into Go struct field DeleteOptions.gracePeriodSeconds of type int64",
    );
  }
  if (errors.length > 0) throw invalid(KIND, "", errors);
  return {
    gracePeriodSeconds: grace as number | undefined,
    propagationPolicy: (policy ?? policyOf(orphan)) as DeleteOptions["propagationPolicy"],
    preconditions: sent.preconditions ?? undefined,
    dryRun: dryRun.length > 0,
  };
}

/** The older way to say it. */
const policyOf = (orphan: unknown) => (orphan === undefined ? undefined : orphan ? "Orphan" : "Background");

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
