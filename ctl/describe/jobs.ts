// Descriptions of Jobs and CronJobs. Pure.

import { listAt, textAt, valueAt, type AnyObject } from "../any-object.ts";
import { humanDuration } from "../../api/meta/human-duration.ts";
import type { Describer } from "./describer.ts";
import { eventLines } from "./events.ts";
import { templateLines } from "./pod.ts";
import { controllerOf, headLines, labelled, orNone, renderLabelSelector, renderTime, type Lines } from "./text.ts";

/** Completed indexes are shown up to this length. */
const INDEXES_LENGTH_MAX = 50;
const UNSET = "<unset>";

export const jobDescriber: Describer = {
  describe: ({ object, events, nowMs }) => {
    const [head = [], maps = []] = [headLines(object).slice(0, 2), headLines(object).slice(2)];
    const spec = (name: string) => textAt(object, "spec", name);
    return [
      ...head,
      `Selector:\t${renderLabelSelector(valueAt(object, "spec", "selector"))}`,
      ...maps,
      ...labelled("Controlled By", controllerOf(object)),
      ...labelled("Parallelism", spec("parallelism")),
      `Completions:\t${spec("completions") || UNSET}`,
      ...labelled("Completion Mode", spec("completionMode")),
      ...labelled("Suspend", spec("suspend")),
      ...labelled("Backoff Limit", spec("backoffLimit")),
      ...labelled("TTL Seconds After Finished", spec("ttlSecondsAfterFinished")),
      ...timeLines(object),
      ...labelled("Active Deadline Seconds", seconds(spec("activeDeadlineSeconds"))),
      `Pods Statuses:\t${renderCounts(object)}`,
      ...(spec("completionMode") === "Indexed" ? [`Completed Indexes:\t${renderIndexes(object)}`] : []),
      ...templateLines(valueAt(object, "spec", "template")),
      ...eventLines(events, nowMs),
    ];
  },
};

const seconds = (text: string): string => (text === "" ? "" : `${text}s`);

function timeLines(object: AnyObject): Lines {
  const [start, end] = [textAt(object, "status", "startTime"), textAt(object, "status", "completionTime")];
  return [
    ...(start ? [`Start Time:\t${renderTime(start)}`] : []),
    ...(end ? [`Completed At:\t${renderTime(end)}`] : []),
    ...(start && end ? [`Duration:\t${humanDuration(Date.parse(end) - Date.parse(start))}`] : []),
  ];
}

function renderCounts(object: AnyObject): string {
  const count = (name: string) => textAt(object, "status", name) || "0";
  const ready = textAt(object, "status", "ready");
  const active = `${count("active")} Active${ready === "" ? "" : ` (${ready} Ready)`}`;
  return `${active} / ${count("succeeded")} Succeeded / ${count("failed")} Failed`;
}

/** A list that is too long ends with a whole index, and with dots. */
function renderIndexes(object: AnyObject): string {
  const text = textAt(object, "status", "completedIndexes");
  if (text.length <= INDEXES_LENGTH_MAX) return orNone(text);
  const end = text.slice(0, INDEXES_LENGTH_MAX - 2).lastIndexOf(",");
  return end < 0 ? "..." : `${text.slice(0, end + 1)}...`;
}

export const cronJobDescriber: Describer = {
  describe: ({ object, events, nowMs }) => {
    const spec = (name: string) => textAt(object, "spec", name);
    const job = (name: string) => textAt(object, "spec", "jobTemplate", "spec", name);
    const selector = valueAt(object, "spec", "jobTemplate", "spec", "selector");
    const active = listAt(object, "status", "active").map((each) => textAt(each, "name"));
    return [
      ...headLines(object),
      `Schedule:\t${spec("schedule")}`,
      `Concurrency Policy:\t${spec("concurrencyPolicy")}`,
      `Suspend:\t${spec("suspend") === "true" ? "True" : "False"}`,
      `Successful Job History Limit:\t${spec("successfulJobsHistoryLimit") || UNSET}`,
      `Failed Job History Limit:\t${spec("failedJobsHistoryLimit") || UNSET}`,
      `Starting Deadline Seconds:\t${seconds(spec("startingDeadlineSeconds")) || UNSET}`,
      `Selector:\t${selector ? renderLabelSelector(selector) : UNSET}`,
      `Parallelism:\t${job("parallelism") || UNSET}`,
      `Completions:\t${job("completions") || UNSET}`,
      ...labelled("Active Deadline Seconds", seconds(job("activeDeadlineSeconds"))),
      ...templateLines(valueAt(object, "spec", "jobTemplate", "spec", "template")),
      `Last Schedule Time:\t${renderTime(valueAt(object, "status", "lastScheduleTime"))}`,
      `Active Jobs:\t${orNone(active.join(", "))}`,
      ...eventLines(events, nowMs),
    ];
  },
};
