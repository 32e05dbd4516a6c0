// A host with pods, made of network namespaces: for tests that need real packets and must not touch the machine's network.
// Everything is removed again by its own names.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Exec, ExecResult } from "../lib/exec.ts";

export class NetworkSandbox {
  readonly #exec: Exec;
  readonly #prefix: string;
  readonly #namespaces: string[] = [];
  readonly #servers: ChildProcess[] = [];

  constructor(exec: Exec, prefix: string) {
    this.#exec = exec;
    this.#prefix = prefix;
  }

  get host(): string {
    return `${this.#prefix}-host`;
  }

  /** The pod with address 10.0.0.<last>. */
  pod(last: number): string {
    return `${this.#prefix}-pod${last}`;
  }

  /** A host with a bridge at 10.0.0.1/24, and pods on it. */
  async start(pods: readonly number[]): Promise<void> {
    await this.#addNamespace(this.host);
    await this.#ip(this.host, "link add br0 type bridge");
    await this.#ip(this.host, "addr add 10.0.0.1/24 dev br0");
    await this.#ip(this.host, "link set br0 up");
    await this.#ip(this.host, "route add default via 10.0.0.254 dev br0");
    await this.in(this.host, "sh", ["-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
    await this.in(this.host, "sh", ["-c", "echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables"]);
    for (const last of pods) await this.#addPod(last);
  }

  async #addPod(last: number): Promise<void> {
    const name = this.pod(last);
    await this.#addNamespace(name);
    await this.#ip(this.host, `link add veth${last} type veth peer name eth0 netns ${name}`);
    await this.#ip(this.host, `link set veth${last} master br0 up`);
    // A pod that reaches itself through a service needs its frames back on the port they came from.
    await this.in(this.host, "ip", ["link", "set", `veth${last}`, "type", "bridge_slave", "hairpin", "on"]);
    await this.#ip(name, `addr add 10.0.0.${last}/24 dev eth0`);
    await this.#ip(name, "link set eth0 up");
    await this.#ip(name, "route add default via 10.0.0.1");
  }

  /** Runs a program in one of the namespaces. */
  in(namespace: string, command: string, args: readonly string[]): Promise<ExecResult> {
    return this.#exec.run("ip", ["netns", "exec", namespace, command, ...args]);
  }

  /** Starts a server in a pod and resolves when it has printed its first line. */
  async serve(last: number, script: string): Promise<void> {
    const command = ["netns", "exec", this.pod(last), process.execPath, "-e", script];
    const server = spawn("ip", command, { stdio: ["ignore", "pipe", "inherit"] });
    this.#servers.push(server);
    await once(server.stdout, "data");
  }

  /** An Exec whose programs run in the host's namespace. */
  hostExec(): Exec {
    const enter = ["netns", "exec", this.host];
    return {
      run: (command, args, options) => this.#exec.run("ip", [...enter, command, ...args], options),
      lines: (command, args, signal) => this.#exec.lines("ip", [...enter, command, ...args], signal),
    };
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      const exit = once(server, "exit");
      server.kill("SIGKILL");
      if (server.exitCode === null) await exit;
    }
    for (const namespace of this.#namespaces) await this.#exec.run("ip", ["netns", "delete", namespace]);
  }

  async #addNamespace(name: string): Promise<void> {
    this.#must(await this.#exec.run("ip", ["netns", "add", name]));
    this.#namespaces.push(name);
    await this.#ip(name, "link set lo up");
  }

  async #ip(namespace: string, command: string): Promise<void> {
    this.#must(await this.#exec.run("ip", ["-n", namespace, ...command.split(" ")]));
  }

  #must({ code, stderr }: ExecResult): void {
    if (code !== 0) throw new Error(`the network sandbox cannot be made: ${stderr}`);
  }
}
