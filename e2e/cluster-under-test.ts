// A cluster as the end-to-end suite sees it: real processes that can be crashed and revived one by one.

import { join } from "node:path";
import { projectRoot } from "../testing/source-tree.ts";
import { runCommand, runOrFail, type CommandOptions, type CommandResult } from "./command.ts";

export interface ClusterUnderTest {
  readonly title: string;
  /** Where containers run: a way to end one behind the kubelet's back depends on it. */
  readonly runtime: "docker" | "containerd" | "process";
  /** The administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** The processes that can be crashed: one for all components, or one each. */
  readonly processes: readonly string[];
  /** Starts what is not running; resolves when the node is Ready. */
  start(): Promise<void>;
  /** Stops everything in order, as Ctrl-C does. Pods go on. */
  stop(): Promise<void>;
  /** Ends one process with SIGKILL. `start` brings it back. */
  crash(process: string): Promise<void>;
  /** Removes everything that was made, pods included. */
  wipe(): Promise<void>;
  /** What the processes printed and logged, for a failure's message. */
  describe(): Promise<string>;
}

export const builtFile = (path: string): string => join(projectRoot, "dist", path);

export const KCTL: readonly string[] = [process.execPath, builtFile("ctl/main.js")];

/** One of the two command lines that must be able to do everything, talking to one cluster. */
export class CommandLine {
  readonly #command: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;

  constructor(
    readonly name: "kctl" | "kubectl",
    cluster: ClusterUnderTest,
  ) {
    this.#command = name === "kctl" ? KCTL : ["kubectl"];
    this.#environment = { KUBECONFIG: cluster.kubeconfig };
  }

  /** Has to succeed; gives standard output. */
  run(line: string, options: CommandOptions = {}): Promise<string> {
    return runOrFail([...this.#command, ...splitWords(line)], { ...options, environment: this.#environment });
  }

  /** May fail. */
  attempt(line: string, options: CommandOptions = {}): Promise<CommandResult> {
    return runCommand([...this.#command, ...splitWords(line)], { ...options, environment: this.#environment });
  }
}

/** Words as a shell splits them; single quotes keep blanks. */
function splitWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}
