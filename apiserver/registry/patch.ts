// Applies a patch to the stored object and stores the result as an update would. When another writer is faster, the patch is
// applied again to what that one has left.

import type { KubeObject } from "../../api/meta/object.ts";
import type { ObjectSchema } from "../../api/schema/schema.ts";
import { invalid, StatusError } from "../../api/meta/status.ts";
import { invalidField, type FieldError } from "../../api/schema/field-error.ts";
import type { HttpRequest } from "../../lib/http.ts";
import { renderJson } from "../../lib/json.ts";
import type { Answer } from "../answer.ts";
import type { ApiRequest } from "../api-request.ts";
import { mediaTypeOf } from "../negotiation.ts";
import { applyPatch, type PatchType } from "../patch/apply-patch.ts";
import { strategicProblem } from "../patch/strategic-problem.ts";
import { BODY_BYTES_MAX, giveWayAfter, readJsonText, unknownFormat, type RequestData } from "../request-body.ts";
import type { Server } from "../server.ts";
import { fromStored, toStored } from "../versions.ts";
import { jsonPatchProblems } from "../patch/json-patch-problems.ts";
import { assertNoForce } from "../ownership/writer.ts";
import { applyObject } from "./apply.ts";
import { decodeAs, type Readable } from "./request-object.ts";
import { modify } from "./update.ts";

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
};

export interface ReadPatch {
  /** What is wrong with its text: repeated keys, and members of its operations that mean nothing. */
  readonly problems: readonly string[];
  /** The data after the patch. Throws what the patch deserves. */
  apply(schema: ObjectSchema<unknown>, current: unknown): unknown;
  /** The error of a patched value that does not fit its kind. */
  explain(value: object, detail: string): FieldError;
}

export const APPLY_TYPE = "application/apply-patch+yaml";

/** Whether the body is a configuration to apply, and no patch of the object as it is. */
export const isApply = ({ http }: ApiRequest): boolean => mediaTypeOf(http.headers["content-type"]) === APPLY_TYPE;

/** Reads the patch in the body. Throws UnsupportedMediaType for types that this server does not know. */
export async function readPatch({ http }: ApiRequest): Promise<ReadPatch> {
  const type = PATCH_TYPES[mediaTypeOf(http.headers["content-type"])];
  if (!type) throw unknownFormat([...Object.keys(PATCH_TYPES), APPLY_TYPE]);
  assertNoForce(http);
  const { value: patch, duplicates } = await readPatchText(http);
  return {
    problems: type === "json" ? jsonPatchProblems(patch, duplicates) : duplicates.map(duplicateField),
    apply: (schema, current) => applyPatch({ type, patch, current, schema }),
    explain: (value, detail) =>
      type === "strategic" ? strategicProblem(patch, detail) : invalidField("patch", renderJson(value), detail),
  };
}

const duplicateField = (path: string) => `duplicate field "${path}"`;

async function readPatchText({ body }: HttpRequest): Promise<RequestData> {
  if (body.object !== undefined) return { value: body.object, duplicates: [] };
  const bytes = await body.bytes(BODY_BYTES_MAX);
  await giveWayAfter(bytes);
  const data = readJsonText(bytes, "error decoding patch");
  await giveWayAfter(bytes);
  return data;
}

export async function patchObject(server: Server, request: ApiRequest): Promise<Answer> {
  if (isApply(request)) return applyObject(server, request);
  const patch = await readPatch(request);
  const { version } = request;
  const next = (old: KubeObject) =>
    toStored(version, patched(request, { patch, old: fromStored(version, old), kind: version }));
  return { kind: "entry", entry: await modify(server, request, { next, isUnconditional: true }) };
}

interface Patched {
  readonly patch: ReadPatch;
  readonly old: KubeObject;
  readonly kind: Readable;
}

/** The patched object, read like one that a client has sent. */
export function patched<T extends KubeObject>(request: ApiRequest, { patch, old, kind }: Patched): T {
  const value = patch.apply(kind.schema, old);
  // An attempt that is repeated must not repeat its warnings.
  request.warnings.length = 0;
  if (typeof value !== "object" || value === null) {
    throw new StatusError("Invalid", `the patch leaves no object of kind ${kind.kind}`);
  }
  try {
    return decodeAs<T>(request, { value, duplicates: [], found: patch.problems }, kind);
  } catch (error) {
    throw explainUnfit(error, (detail) => patch.explain(value, detail));
  }
}

const UNFIT = /^\w+ in version "\w*" cannot be handled as a \w+: (.*)$/s;

/** What does not fit the kind is the patch's mistake: Kubernetes shows the patch, or what it would have made. */
function explainUnfit(error: unknown, explain: (detail: string) => FieldError): unknown {
  const detail = error instanceof StatusError ? UNFIT.exec(error.message)?.[1] : undefined;
  if (detail === undefined) return error;
  const nothing = { group: "", kind: "", plural: "" };
  return invalid(nothing, "", [explain(detail)]);
}
