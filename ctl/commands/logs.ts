// kctl logs: what containers have printed, and print.

import type { Pod } from "../../api/core/pod.ts";
import { isNotFound } from "../../api/meta/status.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand, type Call } from "../command.ts";
import { duration, integer, integerOr, onOff, onOffUnsaid, text } from "../flags.ts";
import { buildLogQuery, planLogSources, type LogOptions, type LogSource } from "../pods/plan-logs.ts";
import type { Session } from "../session.ts";

const USAGE = "logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]";

const flagTable = {
  follow: onOff("Go on as the container prints more.", { short: "f" }),
  previous: onOff("The container's instance before its last restart.", { short: "p" }),
  timestamps: onOff("Put the time before each line."),
  tail: integer("How many of the newest lines; all unless given, 10 with a selector."),
  since: duration("Only what is newer than this, such as 5m."),
  "since-time": text("Only what is newer than this time (RFC 3339)."),
  "limit-bytes": integer("At most so many bytes."),
  container: text("The container; the pod's first unless given.", { short: "c" }),
  "all-containers": onOff("All containers of the pods."),
  "all-pods": onOff("All pods of the workload, with a prefix."),
  selector: text("The labels of the pods.", { short: "l" }),
  prefix: onOffUnsaid("Put the pod's and the container's name before each line."),
  "ignore-errors": onOff("Go on where a log cannot be read."),
  "max-log-requests": integerOr(5, "How many logs of selected pods may be followed at once."),
  "pod-running-timeout": duration("How long to wait for a workload to have a pod; 20s unless given."),
};

export const logs = defineCommand({
  usage: USAGE,
  examples: [
    "kctl logs web",
    "kctl logs -f deployment/web --tail=20",
    "kctl logs -l app=web --all-containers --prefix",
  ],
  flags: flagTable,
  async run(call) {
    const { flags, args, session } = call;
    const options = readOptions(call);
    const query = buildLogQuery(options, Boolean(flags.selector));
    const pods = await choosePods(session, args, call);
    if (pods.length === 0) {
      session.io.err(`No resources found in ${await session.namespace()} namespace.\n`);
      return;
    }
    const { sources, notices } = planLogSources(pods, options);
    for (const notice of notices) session.io.err(`${notice}\n`);
    const max = flags["max-log-requests"];
    if (options.follow && sources.length > max && sources.length > 1) {
      throw new CommandError(
        `you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${max}, use --max-log-requests to increase the limit`,
      );
    }
    const isPrefixed = flags.prefix ?? flags["all-pods"];
    await printLogs(session, sources, { query, isPrefixed, follow: options.follow, ignore: flags["ignore-errors"] });
  },
});

type LogsCall = Call<typeof flagTable>;

function readOptions({ flags, args }: LogsCall): LogOptions {
  if (args.length === 0 && !flags.selector) {
    throw new CommandError(
      `expected '${USAGE}'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kctl logs -h' for help and examples`,
    );
  }
  if (args.length > 0 && flags.selector) {
    throw new CommandError("only a selector (-l) or a POD name is allowed\nSee 'kctl logs -h' for help and examples");
  }
  if (args.length > 2 || (args.length === 2 && flags.container)) {
    throw new CommandError(`expected '${USAGE}'.\nSee 'kctl logs -h' for help and examples`);
  }
  return {
    ...flags,
    sinceMs: flags.since,
    sinceTime: flags["since-time"],
    limitBytes: flags["limit-bytes"],
    container: flags.container ?? args[1],
    allContainers: flags["all-containers"],
  };
}

async function choosePods(session: Session, args: readonly string[], { flags }: LogsCall): Promise<readonly Pod[]> {
  const { findPods, listPods } = await import("../pods/pod-target.ts");
  const namespace = await session.namespace();
  if (flags.selector) return listPods(session, { namespace, labelSelector: flags.selector });
  const word = args[0] ?? "";
  const timeoutMs = flags["pod-running-timeout"] ?? 20_000;
  const search = { doing: "get the logs from", timeoutMs, preferRestarted: true };
  const { pods, isNamed } = await findPods(session, word, search).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
    throw new CommandError(`error from server (NotFound): ${error.message} in namespace ${JSON.stringify(namespace)}`);
  });
  if (isNamed || flags["all-pods"]) return pods;
  if (pods.length > 1) session.io.err(`Found ${pods.length} pods, using pod/${pods[0]?.metadata.name}\n`);
  return pods.slice(0, 1);
}

interface PrintOptions {
  readonly query: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly isPrefixed: boolean;
  readonly follow: boolean;
  readonly ignore: boolean;
}

/** One after the other, or together where they are followed. */
async function printLogs(session: Session, sources: readonly LogSource[], options: PrintOptions): Promise<void> {
  const { readLog, wholeLines } = await import("../pods/read-logs.ts");
  const areMixed = options.follow && sources.length > 1;
  const print = async (source: LogSource) => {
    const chunks = readLog(session, source, options.query);
    const prefix = options.isPrefixed ? `[pod/${source.pod}/${source.container}] ` : "";
    try {
      for await (const chunk of options.isPrefixed || areMixed ? wholeLines(chunks) : chunks) {
        if (prefix) session.io.out(prefix);
        session.io.out(chunk);
      }
    } catch (error) {
      if (!options.ignore) throw error;
      session.io.err(`error: ${(error as Error).message}\n`);
    }
  };
  if (areMixed) await Promise.all(sources.map(print));
  else for (const source of sources) await print(source);
}
