// One TCP address and port of the userspace proxy: each connection is joined with one to an endpoint.

import { createConnection, createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../../lib/clock.ts";
import type { Target } from "../service-table.ts";
import { EndpointPicker } from "./endpoint-picker.ts";
import type { ListenAddress, PlaceListener, PlaceTargets } from "./place-listener.ts";

/** Open connections; a client beyond that is refused. */
const CONNECTIONS_MAX = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** Connections outlive the endpoints' leaving the table; they end when either side ends them. */
export class TcpListener implements PlaceListener {
  readonly #server: Server;
  readonly #picker: EndpointPicker;
  readonly #clients = new Set<Socket>();

  constructor(targets: PlaceTargets, clock: Clock) {
    this.#picker = new EndpointPicker(clock);
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#serve(client));
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.update(targets);
  }

  update({ endpoints, affinitySeconds }: PlaceTargets): void {
    this.#picker.update(endpoints, affinitySeconds);
  }

  listen({ address, port }: ListenAddress): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host: address, port }, () => {
        this.#server.removeListener("error", reject);
        resolve();
      });
    });
  }

  close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #serve(client: Socket): void {
    this.#clients.add(client);
    client.on("close", () => this.#clients.delete(client));
    // What goes wrong on the client's side ends the connection, and "close" follows.
    client.on("error", () => client.destroy());
    this.#connect(client, this.#picker.candidates(client.remoteAddress ?? ""));
  }

  /** Tries one endpoint after the other; with none left the client is told by a reset. */
  #connect(client: Socket, [target, ...others]: readonly Target[]): void {
    if (client.destroyed) return;
    if (!target) {
      client.resetAndDestroy();
      return;
    }
    const server = createConnection({
      host: target.ip,
      port: target.port,
      allowHalfOpen: true,
      timeout: CONNECT_TIMEOUT_MS,
    });
    const next = () => {
      server.destroy();
      this.#connect(client, others);
    };
    server.once("error", next);
    server.once("timeout", next);
    server.once("connect", () => {
      server.removeListener("error", next);
      server.removeListener("timeout", next);
      server.setTimeout(0);
      this.#picker.chose(client.remoteAddress ?? "", target);
      join(client, server);
    });
  }
}

/** Carries bytes both ways; each side's end is passed on, and either's failure ends both. */
function join(client: Socket, server: Socket): void {
  server.on("error", () => client.resetAndDestroy());
  server.on("close", () => client.destroySoon());
  client.on("close", () => server.destroySoon());
  client.pipe(server);
  server.pipe(client);
}
