// Which containers' logs are read, and with which parameters. Pure.

import type { Pod } from "../../api/core/pod.ts";
import { CommandError } from "../command-error.ts";
import { allContainers } from "./pod-template.ts";
import { defaultContainer } from "./choose-pod.ts";

export interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tail: number | undefined;
  readonly sinceMs: number | undefined;
  readonly sinceTime: string | undefined;
  readonly limitBytes: number | undefined;
  readonly container: string | undefined;
  readonly allContainers: boolean;
}

export interface LogSource {
  readonly namespace: string | undefined;
  readonly pod: string;
  readonly container: string;
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Throws CommandError for options that contradict each other. `isSelected`: the pods were picked by a selector. */
export function buildLogQuery(options: LogOptions, isSelected: boolean): Query {
  checkLogOptions(options);
  const { tail, sinceMs, sinceTime, limitBytes } = options;
  // Many pods' whole logs are rarely what somebody wants to see.
  const lines = tail ?? (isSelected ? 10 : -1);
  return {
    follow: options.follow,
    previous: options.previous,
    timestamps: options.timestamps,
    tailLines: lines >= 0 ? lines : undefined,
    sinceSeconds: sinceMs === undefined ? undefined : Math.ceil(sinceMs / 1000),
    sinceTime,
    limitBytes: limitBytes || undefined,
  };
}

function checkLogOptions({ tail, sinceMs, sinceTime, limitBytes }: LogOptions): void {
  if (sinceMs !== undefined && sinceTime !== undefined) {
    throw new CommandError("at most one of `sinceTime` or `sinceSeconds` may be specified");
  }
  if (tail !== undefined && tail < -1) throw new CommandError("--tail must be greater than or equal to -1");
  if (sinceMs !== undefined && sinceMs <= 0) throw new CommandError("--since must be greater than 0");
  if (limitBytes !== undefined && limitBytes < 0) throw new CommandError("--limit-bytes must be greater than 0");
  if (sinceTime !== undefined && Number.isNaN(Date.parse(sinceTime))) {
    throw new CommandError(
      `--since-time must be a time as in RFC 3339, such as 2026-01-31T12:00:00Z, not ${JSON.stringify(sinceTime)}`,
    );
  }
}

export interface LogPlan {
  readonly sources: readonly LogSource[];
  /** What to tell the user about choices that were made. */
  readonly notices: readonly string[];
}

/** Throws CommandError where a pod has no container of the name. */
export function planLogSources(
  pods: readonly Pod[],
  options: Pick<LogOptions, "container" | "allContainers">,
): LogPlan {
  const sources: LogSource[] = [];
  const notices: string[] = [];
  for (const pod of pods) {
    const { name, namespace } = pod.metadata;
    const { containers, notice } = chooseContainers(pod, options);
    if (notice) notices.push(notice);
    sources.push(...containers.map((container) => ({ namespace, pod: name, container })));
  }
  return { sources, notices };
}

function chooseContainers(
  pod: Pod,
  { container, allContainers: all }: Pick<LogOptions, "container" | "allContainers">,
): { containers: readonly string[]; notice?: string } {
  const ephemeral = pod.spec.ephemeralContainers ?? [];
  const names = [...allContainers(pod.spec), ...ephemeral].map(({ name }) => name);
  if (all) return { containers: names };
  if (container === undefined) {
    const { name, notice } = defaultContainer(pod);
    return { containers: [name], ...(notice && { notice }) };
  }
  if (names.includes(container)) return { containers: [container] };
  throw new CommandError(`container ${container} is not valid for pod ${pod.metadata.name}`);
}
