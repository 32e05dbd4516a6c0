// What one look at a container is, whichever way it is done. The prober decides when to look and what follows from it.

import type { ContainerRuntime } from "../runtimes/runtime.ts";
import type { Container } from "../../api/core/container.ts";
import type { ProbeHandler } from "../../api/core/probe.ts";

export interface ProbeTarget {
  readonly container: Container;
  readonly containerId: string;
  /** The pod's address. */
  readonly host: string;
  readonly runtime: ContainerRuntime;
}

/** The message is what follows `Readiness probe failed: ` in the event. */
export type ProbeResult = { readonly ok: true } | { readonly ok: false; readonly message: string };

export interface Probe {
  /** The field of the probe that asks for this one. */
  readonly field: keyof ProbeHandler;
  /** Looks once. `signal` is aborted when the time for it is up. Rejects only when nothing was learnt about the container. */
  run(handler: ProbeHandler, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult>;
}

export const passed: ProbeResult = { ok: true };
export const failed = (message: string): ProbeResult => ({ ok: false, message });

/** A number, or the number of the port that the container gives this name. */
export function resolvePort(port: number | string, container: Container): number {
  if (typeof port === "number") return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  const number = named ?? Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535)
    throw new Error(`couldn't find port ${port} in container ${container.name}`);
  return number;
}

/** The failure to connect in the words that Go's net package has for it. */
export function describeDialError(error: NodeJS.ErrnoException, address: string): string {
  const causes: Readonly<Record<string, string>> = {
    ECONNREFUSED: "connect: connection refused",
    ECONNRESET: "read: connection reset by peer",
    EHOSTUNREACH: "connect: no route to host",
    ENETUNREACH: "connect: network is unreachable",
    ABORT_ERR: "i/o timeout",
    ETIMEDOUT: "i/o timeout",
  };
  return `dial tcp ${address}: ${causes[error.code ?? ""] ?? error.message}`;
}
