// kctl exec: runs a program in a container that runs already.

import { CommandError } from "../command-error.ts";
import { defineCommand, type Call } from "../command.ts";
import { duration, onOff, text, type FlagTable } from "../flags.ts";
import { pathOfType } from "../resource-type.ts";
import type { Session } from "../session.ts";

const HINT = "See 'kctl exec -h' for help and examples";

export const exec = defineCommand({
  usage: "exec (POD | TYPE/NAME) [-c CONTAINER] [-i] [-t] -- COMMAND [ARG ...]",
  examples: ["kctl exec web -- date", "kctl exec -it deploy/web -- sh"],
  flags: {
    container: text("The container; the pod's first unless given.", { short: "c" }),
    stdin: onOff("Pass standard input on.", { short: "i" }),
    tty: onOff("Give the program a terminal.", { short: "t" }),
    quiet: onOff("Print nothing but what the program prints.", { short: "q" }),
    "pod-running-timeout": duration("How long to wait for a workload to have a pod.", { placeholder: "DURATION" }),
  },
  async run({ flags, args, rest, session }) {
    const [word] = args;
    const command = readCommand({ args, rest });
    if (!word) throw new CommandError(`pod or type/name must be specified\n${HINT}`);
    const { findPods, podType, requireUnfinished } = await import("../pods/pod-target.ts");
    const timeoutMs = flags["pod-running-timeout"] ?? 60_000;
    const { pods } = await findPods(session, word, { doing: "attach to", timeoutMs });
    const [pod] = pods;
    if (!pod) throw new CommandError("there is no pod to run the program in");
    requireUnfinished(pod);
    const { chooseContainer } = await import("../pods/container-choice.ts");
    const container = chooseContainer(session.io, pod, flags);
    const tty = flags.tty && hasTerminal(session, flags);
    const { openPodChannels, joinStreams } = await import("../pods/pod-streams.ts");
    const { namespace, name } = pod.metadata;
    const query = { container, command, stdin: flags.stdin, stdout: true, stderr: !tty, tty };
    const channels = await openPodChannels(
      session,
      pathOfType(podType, { namespace, name, subresource: "exec" }),
      query,
    );
    return joinStreams(session.io, channels, { stdin: flags.stdin, tty });
  },
});

function readCommand({ args, rest = [] }: Pick<Call<FlagTable>, "args" | "rest">): readonly string[] {
  if (args.length > 1) {
    throw new CommandError(
      `exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\n${HINT}`,
    );
  }
  if (rest.length === 0) throw new CommandError("you must specify at least one command for the container");
  return rest;
}

/** A program's terminal needs the user's: without one it goes without, and the user is told. */
export function hasTerminal({ io }: Session, { stdin }: { readonly stdin: boolean }): boolean {
  if (!stdin || io.terminal) return true;
  io.err("Unable to use a TTY - input is not a terminal or the right kind of file\n");
  return false;
}
