// kctl attach: joins the streams of a container's own program.

import { allContainers } from "../pods/pod-template.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { duration, onOff, text } from "../flags.ts";
import { pathOfType } from "../resource-type.ts";
import { hasTerminal } from "./exec.ts";

export const attach = defineCommand({
  usage: "attach (POD | TYPE/NAME) [-c CONTAINER] [-i] [-t]",
  examples: ["kctl attach web", "kctl attach -it web -c shell"],
  flags: {
    container: text("The container; the pod's first unless given.", { short: "c" }),
    stdin: onOff("Pass standard input on.", { short: "i" }),
    tty: onOff("The program has a terminal.", { short: "t" }),
    quiet: onOff("Print nothing but what the program prints.", { short: "q" }),
    "pod-running-timeout": duration("How long to wait for a workload to have a pod.", { placeholder: "DURATION" }),
  },
  async run({ flags, args, session }) {
    const [word] = args;
    if (!word)
      throw new CommandError("at least 1 argument is required for attach\nSee 'kctl attach -h' for help and examples");
    const { findPods, podType } = await import("../pods/pod-target.ts");
    const timeoutMs = flags["pod-running-timeout"] ?? 60_000;
    const [pod] = (await findPods(session, word, { doing: "attach to", timeoutMs })).pods;
    if (!pod) throw new CommandError("there is no pod to attach to");
    const { namespace, name } = pod.metadata;
    const { chooseContainer } = await import("../pods/container-choice.ts");
    const container = chooseContainer(session.io, pod, flags);
    const found = allContainers(pod.spec).find((each) => each.name === container);
    if (!found)
      throw new CommandError(`cannot attach to the container: container ${container} not found in pod ${name}`);
    const tty = flags.tty && found.tty === true && hasTerminal(session, flags);
    if (!flags.quiet) session.io.err("If you don't see a command prompt, try pressing enter.\n");
    const { openPodChannels, joinStreams } = await import("../pods/pod-streams.ts");
    const query = { container, stdin: flags.stdin, stdout: true, stderr: !tty, tty };
    const path = pathOfType(podType, { namespace, name, subresource: "attach" });
    const channels = await openPodChannels(session, path, query);
    return joinStreams(session.io, channels, { stdin: flags.stdin, tty });
  },
});
