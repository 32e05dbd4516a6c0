// kctl run: one pod from an image, to which one can stay attached.

import { CommandError } from "../command-error.ts";
import { defineCommand, type Call } from "../command.ts";
import { duration, integer, list, onOff, onOffUnsaid, text, textOr, texts } from "../flags.ts";
import { buildPod, withOverrides } from "../pods/build-pod.ts";
import { createObject } from "../pods/create-object.ts";
import { outputFlags } from "../printers/output-format.ts";
import { createReport, dryRunFlags, fieldManagerFlags, parseDryRun, type DryRun } from "../report.ts";
import type { AnyObject } from "../any-object.ts";
import type { Session } from "../session.ts";

const flagTable = {
  image: text("The image to run."),
  command: onOff("What follows -- is the command, not its arguments."),
  env: texts("NAME=VALUE of an environment variable."),
  labels: list("The pod's labels; run=NAME unless given.", { short: "l" }),
  annotations: texts("KEY=VALUE of an annotation."),
  port: integer("A port that the container listens on."),
  expose: onOff("Make a service for the port too."),
  restart: textOr("Always", "Always, OnFailure or Never."),
  stdin: onOff("Pass standard input on.", { short: "i" }),
  tty: onOff("Give the program a terminal.", { short: "t" }),
  attach: onOffUnsaid("Stay attached; as with -i and -t."),
  "leave-stdin-open": onOff("Keep standard input open after the first attachment."),
  rm: onOff("Delete the pod in the end."),
  quiet: onOff("Print nothing but what the program prints.", { short: "q" }),
  privileged: onOff("Run the container privileged."),
  "image-pull-policy": text("Always, IfNotPresent or Never."),
  overrides: text("JSON that is put over the pod."),
  "pod-running-timeout": duration("How long to wait for the pod to run; 60s unless given."),
  ...dryRunFlags,
  ...fieldManagerFlags,
  ...outputFlags,
};
type RunCall = Call<typeof flagTable>;

export const run = defineCommand({
  usage: "run NAME --image=IMAGE [-it] [--rm] [-- ARG ...]",
  examples: [
    "kctl run web --image=nginx --port=80",
    "kctl run once --image=busybox --restart=Never --rm -it -- sh",
    "kctl run job --image=busybox --restart=OnFailure --command -- sh -c 'exit 3'",
  ],
  flags: flagTable,
  async run(call) {
    const { flags, session } = call;
    const dryRun = parseDryRun(flags["dry-run"]);
    const isAttached = checkFlags(call, dryRun);
    const pod = buildWishedPod(call, isAttached);
    const report = await createReport(session, { ...flags, dryRun });
    const creation = { dryRun, fieldManager: flags["field-manager"] ?? "kubectl-run" };
    const namespace = await session.namespace();
    const { podType } = await import("../pods/pod-target.ts");
    const target = { type: podType, name: pod.metadata.name ?? "", namespace };
    const service = flags.expose ? await createService(session, pod, creation) : undefined;
    const created = await createObject(session, target, { object: pod, ...creation });
    if (service) report(service.target, service.object, "created");
    if (!isAttached) return report(target, created, "created");
    const { attachToNewPod } = await import("../pods/attach-new-pod.ts");
    return attachToNewPod(session, created, {
      stdin: flags.stdin,
      tty: flags.tty,
      remove: flags.rm,
      quiet: flags.quiet,
      timeoutMs: flags["pod-running-timeout"] ?? 60_000,
    });
  },
});

const HINT = "See 'kctl run -h' for help and examples";

/** Whether kctl stays attached. Throws CommandError for flags that do not go together. */
function checkFlags(call: RunCall, dryRun: DryRun): boolean {
  checkRequired(call);
  const { flags } = call;
  if (flags.tty && !flags.stdin) throw new CommandError("-i/--stdin is required for containers with -t/--tty=true");
  if (flags.expose && flags.port === undefined) {
    throw new CommandError(`--port must be set when exposing a service\n${HINT}`);
  }
  const isAttached = flags.attach ?? (flags.stdin || flags.tty);
  if (isAttached && dryRun !== "none") {
    throw new CommandError(
      `--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)\n${HINT}`,
    );
  }
  if (flags.rm && !isAttached) throw new CommandError(`--rm should only be used for attached containers\n${HINT}`);
  return isAttached;
}

function checkRequired({ flags, args }: RunCall): void {
  if (!flags.image) throw new CommandError('required flag(s) "image" not set');
  if (args.length === 0) throw new CommandError(`NAME is required for run\n${HINT}`);
}

function buildWishedPod({ flags, args, rest }: RunCall, isAttached: boolean): AnyObject {
  const [name = "", ...words] = args;
  const pod = buildPod({
    ...flags,
    name,
    image: flags.image ?? "",
    words: [...words, ...(rest ?? [])],
    stdinOnce: isAttached && !flags["leave-stdin-open"],
    imagePullPolicy: flags["image-pull-policy"],
  });
  return withOverrides(pod, flags.overrides);
}

async function createService(
  session: Session,
  pod: AnyObject,
  creation: { readonly dryRun: DryRun; readonly fieldManager: string },
) {
  const { buildService } = await import("../pods/build-service.ts");
  const built = buildService(pod, {});
  // The service of `run` carries no labels of its own.
  const metadata = { ...built.metadata, labels: undefined };
  const type = await (await session.discovery()).find("services");
  const target = { type, name: pod.metadata.name ?? "", namespace: await session.namespace() };
  return { target, object: await createObject(session, target, { object: { ...built, metadata }, ...creation }) };
}
