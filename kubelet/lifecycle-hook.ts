// Runs a container's postStart or preStop hook.

import type { Lifecycle } from "../api/core/probe.ts";
import { sleep, type Clock } from "../lib/clock.ts";
import { httpProbe } from "./probes/http.ts";
import type { ProbeTarget } from "./probes/probe.ts";

export type LifecycleHandler = NonNullable<Lifecycle["postStart"]>;

/** Resolves when the hook has done its work. Rejects when it failed, or when `signal` is aborted. */
export async function runHook(
  handler: LifecycleHandler,
  { target, clock }: { readonly target: ProbeTarget; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  const { exec, httpGet, sleep: pause } = handler;
  // Connections have never been made for hooks, although the field is there.
  if (!exec && !httpGet && !pause)
    throw new Error("the hook has no exec, httpGet or sleep, and nothing else can be done");
  if (exec) {
    const code = await target.runtime.exec(target.containerId, exec.command ?? [], { signal });
    if (code !== 0) throw new Error(`the hook's command ended with ${code}`);
  }
  if (httpGet) {
    const result = await httpProbe.run({ httpGet }, target, signal);
    if (!result.ok) throw new Error(result.message);
  }
  if (pause) await sleep(clock, pause.seconds * 1000, signal);
}
