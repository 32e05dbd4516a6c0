// What a command works with: the process's means, the global flags, and the server, which is connected to when it is first
// needed. `kctl version --client` needs none of it.

import type { Connection } from "../client/kubeconfig.ts";
import type { CommandIo } from "./command-io.ts";
import type { Discovery } from "./discovery.ts";
import type { GlobalFlags } from "./global-flags.ts";
import type { Server } from "./server.ts";

export class Session {
  readonly io: CommandIo;
  readonly globals: GlobalFlags;
  #connection: Promise<Connection> | undefined;
  #server: Promise<Server> | undefined;
  #discovery: Promise<Discovery> | undefined;

  constructor(io: CommandIo, globals: GlobalFlags) {
    this.io = io;
    this.globals = globals;
  }

  /** Which server, and as whom. Rejects with CommandError where the settings are no good. */
  connection(): Promise<Connection> {
    this.#connection ??= import("./connection.ts").then(({ openConnection }) => openConnection(this.io, this.globals));
    return this.#connection;
  }

  server(): Promise<Server> {
    this.#server ??= this.#openServer();
    return this.#server;
  }

  discovery(): Promise<Discovery> {
    this.#discovery ??= this.#openDiscovery();
    return this.#discovery;
  }

  /** The namespace to work in. */
  async namespace(): Promise<string> {
    return (await this.connection()).namespace;
  }

  async #openServer(): Promise<Server> {
    const { createServer } = await import("./server.ts");
    return createServer({
      io: this.io,
      connection: await this.connection(),
      requestTimeoutMs: this.globals["request-timeout"],
      verbosity: this.globals.v,
    });
  }

  async #openDiscovery(): Promise<Discovery> {
    const { Discovery } = await import("./discovery.ts");
    return new Discovery(this.io, await this.server());
  }
}
