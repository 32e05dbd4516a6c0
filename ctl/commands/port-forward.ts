// kctl port-forward: local ports that lead to ports of a pod.

import type { Pod } from "../../api/core/pod.ts";
import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import type { Listener } from "../command-io.ts";
import { duration, list } from "../flags.ts";
import { parsePortWords, type PortPair } from "../pods/forwarded-ports.ts";
import { parseResourceArguments } from "../resource-arguments.ts";
import { fetchObject } from "../select-objects.ts";
import type { Session } from "../session.ts";

export const portForward = defineCommand({
  usage: "port-forward (POD | TYPE/NAME) [LOCAL_PORT:]REMOTE_PORT ...",
  description: "Goes on until it is interrupted. A local port that is left out (:80) is chosen freely.",
  examples: ["kctl port-forward web 8080:80", "kctl port-forward service/web :http"],
  flags: {
    address: list("The local addresses to listen on; 127.0.0.1 unless given."),
    "pod-running-timeout": duration("How long to wait for a workload to have a pod; 60s unless given."),
  },
  async run({ flags, args, session }) {
    const [word, ...words] = args;
    if (!word || words.length === 0) {
      throw new CommandError(
        "TYPE/NAME and list of ports are required for port-forward\nSee 'kctl port-forward -h' for help and examples",
      );
    }
    const { findPods } = await import("../pods/pod-target.ts");
    const timeoutMs = flags["pod-running-timeout"] ?? 60_000;
    const [pod] = (await findPods(session, word, { doing: "forward ports to", timeoutMs })).pods;
    if (!pod) throw new CommandError("there is no pod to forward ports to");
    const pairs = parsePortWords(words, pod, await findService(session, word));
    if (pod.status.phase !== "Running") {
      throw new CommandError(`unable to forward port because pod is not running. Current status=${pod.status.phase}`);
    }
    const hosts = flags.address.length > 0 ? flags.address : ["localhost"];
    await forward(session, pod, { pairs, hosts: hosts.map((host) => (host === "localhost" ? "127.0.0.1" : host)) });
  },
});

/** A service's own ports lead to others of its pods. */
async function findService(session: Session, word: string): Promise<AnyObject | undefined> {
  if (!word.includes("/")) return undefined;
  const [request] = await parseResourceArguments(await session.discovery(), [word]);
  if (request?.type.kind !== "Service" || request.name === undefined) return undefined;
  return fetchObject(session, { ...request, name: request.name, namespace: await session.namespace() });
}

async function forward(
  session: Session,
  pod: Pod,
  { pairs, hosts }: { readonly pairs: readonly PortPair[]; readonly hosts: readonly string[] },
): Promise<void> {
  const { io } = session;
  const { carryConnection } = await import("../pods/forwarded-connection.ts");
  const listeners: Listener[] = [];
  try {
    for (const { local, remote } of pairs) {
      for (const host of hosts) {
        const listener = await io
          .listen({ host, port: local }, (connection) => {
            io.out(`Handling connection for ${listener.port}\n`);
            void carryConnection(session, pod, { connection, port: remote });
          })
          .catch((error: NodeJS.ErrnoException) => {
            const reason = error.code === "EADDRINUSE" ? "the port is in use; choose another" : error.message;
            throw new CommandError(`unable to listen on ${host}:${local}: ${reason}`);
          });
        listeners.push(listener);
        io.out(`Forwarding from ${host}:${listener.port} -> ${remote}\n`);
      }
    }
    await new Promise<void>((resolve) => {
      if (io.signal.aborted) resolve();
      io.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  } finally {
    for (const listener of listeners) listener.close();
  }
}
