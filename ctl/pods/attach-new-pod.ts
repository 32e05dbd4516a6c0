// What `kctl run -it` does with the pod that it has made: waits for it to run, joins its streams, and tells how it ended.

import type { Pod } from "../../api/core/pod.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { observeObject, withinTime } from "../observe-object.ts";
import { pathOfType } from "../resource-type.ts";
import type { Session } from "../session.ts";
import { joinStreams, openPodChannels } from "./pod-streams.ts";
import { podType } from "./pod-target.ts";
import { readLog } from "./read-logs.ts";

export interface AttachWish {
  readonly stdin: boolean;
  readonly tty: boolean;
  /** Delete the pod in the end, however that comes. */
  readonly remove: boolean;
  readonly quiet: boolean;
  readonly timeoutMs: number;
}

/** Resolves with the exit code. */
export async function attachToNewPod(session: Session, created: AnyObject, wish: AttachWish): Promise<number> {
  const pod = created as unknown as Pod;
  try {
    const running = await waitForState(session, pod, wish.timeoutMs, hasStarted);
    if (!running) throw new CommandError("timed out waiting for the condition");
    if (isPodTerminal(running)) await printLog(session, running);
    else await join(session, running, wish);
    if (running.spec.restartPolicy === "Always") return 0;
    const ended = await waitForState(session, running, undefined, isPodTerminal);
    return ended ? exitCodeOf(ended) : 0;
  } finally {
    if (wish.remove) await remove(session, pod);
  }
}

const hasStarted = (pod: Pod): boolean => pod.status.phase === "Running" || isPodTerminal(pod);

async function waitForState(
  session: Session,
  { metadata }: Pod,
  ...[timeoutMs, isDone]: [number | undefined, (pod: Pod) => boolean]
): Promise<Pod | undefined> {
  const { namespace, name } = metadata;
  return withinTime(session, timeoutMs, async (signal) => {
    for await (const found of observeObject(session, { type: podType, namespace, name }, signal)) {
      if (!found) throw new CommandError(`pod ${JSON.stringify(name)} has been deleted`);
      const pod = found as unknown as Pod;
      if (isDone(pod)) return pod;
    }
    return undefined;
  });
}

async function join(session: Session, { metadata, spec }: Pod, { stdin, tty, quiet }: AttachWish): Promise<void> {
  const { namespace, name } = metadata;
  if (!quiet) session.io.err("If you don't see a command prompt, try pressing enter.\n");
  const hasTerminal = tty && session.io.terminal !== undefined;
  const path = pathOfType(podType, { namespace, name, subresource: "attach" });
  const query = { container: spec.containers[0]?.name, stdin, stdout: true, stderr: !tty, tty };
  const channels = await openPodChannels(session, path, query);
  await joinStreams(session.io, channels, { stdin, tty: hasTerminal });
}

async function printLog(session: Session, { metadata, spec }: Pod): Promise<void> {
  const source = { namespace: metadata.namespace, pod: metadata.name, container: spec.containers[0]?.name ?? "" };
  for await (const chunk of readLog(session, source, {})) session.io.out(chunk);
}

function exitCodeOf({ metadata, status }: Pod): number {
  if (status.phase === "Succeeded") return 0;
  const terminated = status.containerStatuses?.[0]?.state?.terminated;
  const exitCode = terminated?.exitCode || 1;
  const text = `pod ${metadata.namespace}/${metadata.name} terminated (${terminated?.reason ?? status.reason ?? "Error"})`;
  throw new CommandError(terminated?.message ? `${text}\n${terminated.message}` : text, { exitCode, plain: true });
}

async function remove(session: Session, { metadata }: Pod): Promise<void> {
  const server = await session.server();
  const { namespace, name } = metadata;
  const body = { apiVersion: "v1", kind: "DeleteOptions" };
  // Also after Ctrl-C: whoever asked for --rm wants no pod left behind.
  const { signal } = new AbortController();
  await server.call({ method: "DELETE", path: pathOfType(podType, { namespace, name }), body, signal });
  session.io.out(`pod ${JSON.stringify(name)} deleted\n`);
}
