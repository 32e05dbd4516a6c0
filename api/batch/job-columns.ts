// The columns of `kctl get jobs`.

import type { Job } from "./job.ts";
import { templateColumns } from "../core/template-columns.ts";
import { isConditionTrue } from "../meta/condition-list.ts";
import { humanDuration } from "../meta/human-duration.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { Column } from "../resource.ts";

function renderStatus({ metadata, status }: Job): string {
  const holds = (type: string) => isConditionTrue(status.conditions, type);
  if (holds("Complete")) return "Complete";
  if (holds("Failed")) return "Failed";
  if (metadata.deletionTimestamp) return "Terminating";
  return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find(holds) ?? "Running";
}

function renderCompletions({ spec, status: { succeeded = 0 } }: Job): string {
  const { completions, parallelism = 0 } = spec;
  if (completions !== undefined) return `${succeeded}/${completions}`;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function renderDuration({ status: { startTime, completionTime } }: Job, nowMs: number): string {
  if (!startTime) return "";
  return humanDuration((completionTime ? Date.parse(completionTime) : nowMs) - Date.parse(startTime));
}

export const jobColumns: readonly Column<Job>[] = [
  nameColumn,
  column("Status", { description: "Whether it runs, or how it ended." }, renderStatus),
  column("Completions", { description: "How many pods have succeeded, of how many that must." }, renderCompletions),
  column("Duration", { description: "How long it has run, or took." }, renderDuration),
  ageColumn,
  ...templateColumns,
];
