// Evicts pods and waits until they have gone. A disruption budget that allows no eviction now is asked again later.

import type { Pod } from "../../api/core/pod.ts";
import { hasReason, isNotFound } from "../../api/meta/status.ts";
import { sleep } from "../../lib/clock.ts";
import { CommandError } from "../command-error.ts";
import { observeObject, withinTime } from "../observe-object.ts";
import { dryRunQuery, type DryRun } from "../report.ts";
import { pathOfType } from "../resource-type.ts";
import type { Session } from "../session.ts";
import { podType } from "./pod-target.ts";

export interface EvictionOptions {
  readonly dryRun: DryRun;
  /** The pods' own unless given. */
  readonly graceSeconds: number | undefined;
  readonly useDelete: boolean;
  /** For ever unless given. */
  readonly timeoutMs: number | undefined;
}

const RETRY_MS = 5_000;

/** All at once. Resolves with what went wrong, pod by pod. */
export async function evictPods(
  session: Session,
  pods: readonly Pod[],
  options: EvictionOptions,
): Promise<readonly unknown[]> {
  const { io } = session;
  const suffix = options.dryRun === "none" ? "" : options.dryRun === "client" ? " (dry run)" : " (server dry run)";
  const errors: unknown[] = [];
  const evict = async (pod: Pod) => {
    const { namespace, name } = pod.metadata;
    if (!options.useDelete) io.out(`evicting pod ${namespace}/${name}${suffix}\n`);
    if (options.dryRun === "client") return;
    const isGone = await withinTime(session, options.timeoutMs, async (signal) => {
      await requestUntilGranted(session, pod, { options, signal });
      if (options.dryRun === "none") await waitUntilGone(session, pod, signal);
      return true;
    });
    if (!isGone) {
      const seconds = (options.timeoutMs ?? 0) / 1000;
      throw new CommandError(
        `error when evicting pods/"${name}" -n "${namespace}": global timeout reached: ${seconds}s`,
      );
    }
    if (options.dryRun === "none") io.out(`pod/${name} ${options.useDelete ? "deleted" : "evicted"}\n`);
  };
  await Promise.all(pods.map((pod) => evict(pod).catch((error: unknown) => errors.push(error))));
  return errors;
}

interface Attempt {
  readonly options: EvictionOptions;
  readonly signal: AbortSignal;
}

async function requestUntilGranted(session: Session, pod: Pod, { options, signal }: Attempt): Promise<void> {
  const { namespace, name } = pod.metadata;
  for (;;) {
    try {
      await requestEviction(session, pod, { options, signal });
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      const about = `error when evicting pods/"${name}" -n "${namespace}"`;
      if (!hasReason(error, "TooManyRequests")) throw new CommandError(`${about}: ${(error as Error).message}`);
      session.io.err(`${about} (will retry after 5s): ${error.message}\n`);
      await sleep(session.io.clock, RETRY_MS, signal);
    }
  }
}

async function requestEviction(session: Session, { metadata }: Pod, { options, signal }: Attempt): Promise<void> {
  const server = await session.server();
  const { namespace, name } = metadata;
  const deleteOptions = options.graceSeconds === undefined ? {} : { gracePeriodSeconds: options.graceSeconds };
  const query = dryRunQuery(options.dryRun);
  if (options.useDelete) {
    const body = { apiVersion: "v1", kind: "DeleteOptions", ...deleteOptions };
    await server.call({ method: "DELETE", path: pathOfType(podType, { namespace, name }), query, body, signal });
    return;
  }
  const path = pathOfType(podType, { namespace, name, subresource: "eviction" });
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { namespace, name }, deleteOptions };
  await server.call({ method: "POST", path, query, body, signal });
}

async function waitUntilGone(session: Session, { metadata }: Pod, signal: AbortSignal): Promise<void> {
  const { namespace, name, uid } = metadata;
  for await (const found of observeObject(session, { type: podType, namespace, name }, signal)) {
    if (found?.metadata.uid !== uid) return;
  }
}
