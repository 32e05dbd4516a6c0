// Whether the server lives and can serve: /healthz, /livez and /readyz, each with its single checks below it.

import { errorMessage } from "../lib/error-message.ts";
import type { HttpRequest, HttpResponse } from "../lib/http.ts";

export interface HealthCheck {
  readonly name: string;
  /** Part of /livez too: its failure means that a restart may help. */
  readonly isLiveness?: boolean;
  /** Undefined when all is well, otherwise what is not. */
  check(): Promise<string | undefined>;
}

const ROOTS: readonly string[] = ["healthz", "livez", "readyz"];

/** Undefined for other paths, and for checks that do not exist. */
export async function serveHealth(
  checks: readonly HealthCheck[],
  http: HttpRequest,
): Promise<HttpResponse | undefined> {
  const [, root = "", name, ...rest] = http.path.split("/");
  if (!ROOTS.includes(root) || rest.length > 0) return undefined;
  const relevant = root === "readyz" ? checks : checks.filter(({ isLiveness }) => isLiveness);
  const chosen = name ? relevant.filter((check) => check.name === name) : relevant;
  if (name && chosen.length === 0 && name !== "ping") return undefined;
  const excluded = http.query.getAll("exclude");
  const results = await Promise.all(
    chosen
      .filter((check) => !excluded.includes(check.name))
      .map(async (check) => ({ name: check.name, problem: await outcomeOf(check) })),
  );
  const failed = results.filter(({ problem }) => problem !== undefined);
  const lines = ["[+]ping ok", ...results.map(renderResult)];
  if (failed.length > 0) return text(500, [...lines, `${root} check failed`, ""].join("\n"));
  return text(200, http.query.has("verbose") ? [...lines, `${root} check passed`, ""].join("\n") : "ok");
}

/** A check that breaks has failed. */
const outcomeOf = (check: HealthCheck) => check.check().catch(errorMessage);

const renderResult = ({ name, problem }: { readonly name: string; readonly problem?: string }) =>
  problem === undefined ? `[+]${name} ok` : `[-]${name} failed: ${problem}`;

const text = (status: number, body: string): HttpResponse => ({
  status,
  headers: {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
  },
  body: { kind: "bytes", bytes: Buffer.from(body) },
});
