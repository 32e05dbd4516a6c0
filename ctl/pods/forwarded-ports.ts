// Which local port leads to which port of a pod. Pure; the forms and messages are kubectl's.

import type { Pod } from "../../api/core/pod.ts";
import { listAt, textAt, type AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";

export interface PortPair {
  /** 0 for any that is free. */
  readonly local: number;
  readonly remote: number;
}

/** Reads `80`, `8080:80`, `:80` and names of ports. With a service, ports are the service's. Throws CommandError. */
export function parsePortWords(
  words: readonly string[],
  pod: Pod,
  service: AnyObject | undefined,
): readonly PortPair[] {
  return words.map((word) => {
    const [first = "", second, ...more] = word.split(":");
    if (more.length > 0)
      throw new CommandError(`invalid port format ${JSON.stringify(word)}: it must be [LOCAL:]REMOTE`);
    const remoteText = second ?? first;
    const remote = resolvePort(remoteText, pod, service);
    if (second === undefined) return { local: /^\d+$/.test(first) ? Number(first) : remote, remote };
    return { local: first === "" ? 0 : readNumber(first, "local"), remote };
  });
}

function resolvePort(text: string, pod: Pod, service: AnyObject | undefined): number {
  if (!service) return /^\d+$/.test(text) ? readNumber(text, "remote") : namedPort(pod, text);
  const found = listAt(service, "spec", "ports").find(
    (port) => textAt(port, "port") === text || textAt(port, "name") === text,
  );
  if (!found) throw new CommandError(`Service ${service.metadata.name} does not have a service port ${text}`);
  if (textAt(service, "spec", "clusterIP") === "None") return readNumber(textAt(found, "port"), "remote");
  const target = textAt(found, "targetPort") || textAt(found, "port");
  return /^\d+$/.test(target) ? readNumber(target, "remote") : namedPort(pod, target);
}

function namedPort(pod: Pod, name: string): number {
  const ports = pod.spec.containers.flatMap((container) => container.ports ?? []);
  const found = ports.find((port) => port.name === name);
  if (found) return found.containerPort;
  throw new CommandError(`Pod '${pod.metadata.name}' does not have a named port '${name}'`);
}

function readNumber(text: string, which: "local" | "remote"): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  const isFree = which === "local" && port === 0;
  if (isFree || (port >= 1 && port <= 65_535)) return port;
  throw new CommandError(`error parsing ${which} port ${JSON.stringify(text)}: it must be a number from 1 to 65535`);
}
