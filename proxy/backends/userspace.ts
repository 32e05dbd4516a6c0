// Services without root: a listener on each virtual address (all of 127.0.0.0/8 may be bound to) that passes connections on.
// TCP only; anything else is reported as a problem of its service.

import { createConnection, createServer, type Server, type Socket } from "node:net";
import { errorMessage } from "../../lib/error-message.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ServiceEntry, ServiceTable, Target } from "../service-table.ts";
import type { ProxyBackend, SyncProblem } from "./backend.ts";
import { EndpointPicker } from "./endpoint-picker.ts";

export interface UserspaceOptions {
  readonly clock: Clock;
  /** Where node ports listen. */
  readonly nodeAddress: string;
}

/** Open connections per listener; a client beyond that is refused. */
const CONNECTIONS_MAX = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;

interface Place {
  readonly address: string;
  readonly port: number;
  readonly entry: ServiceEntry;
  readonly endpoints: readonly Target[];
}

export class UserspaceBackend implements ProxyBackend {
  readonly name = "userspace";
  readonly #options: UserspaceOptions;
  readonly #listeners = new Map<string, Listener>();

  constructor(options: UserspaceOptions) {
    this.#options = options;
  }

  async sync({ entries }: ServiceTable): Promise<readonly SyncProblem[]> {
    const tcp = entries.filter(({ protocol }) => protocol === "TCP");
    const places = new Map(tcp.flatMap((entry) => this.#placesOf(entry)).map((place) => [placeId(place), place]));
    const gone = [...this.#listeners].filter(([id]) => !places.has(id));
    await Promise.all(gone.map(([id, listener]) => this.#close(id, listener)));
    const problems = await Promise.all([...places.values()].map((place) => this.#open(place)));
    const refused = entries
      .filter(({ protocol }) => protocol !== "TCP")
      .map(({ service, protocol }) => ({
        service,
        message: `The userspace proxy passes TCP only, so its ${protocol} port does not answer; nftables, with root, serves it.`,
      }));
    return [...refused, ...problems.filter((each) => each !== undefined)];
  }

  /** Listeners are this process's own: nobody else changes them. */
  async *disturbances(): AsyncIterable<string> {
    // Nothing ever comes.
  }

  close(): Promise<void> {
    return this.cleanup();
  }

  async cleanup(): Promise<void> {
    await Promise.all([...this.#listeners].map(([id, listener]) => this.#close(id, listener)));
  }

  #placesOf(entry: ServiceEntry): readonly Place[] {
    const { addresses, externalAddresses, port, nodePort, endpoints, externalEndpoints } = entry;
    const external = externalAddresses.map((address) => ({ address, port, entry, endpoints: externalEndpoints }));
    const node =
      nodePort === undefined
        ? []
        : [{ address: this.#options.nodeAddress, port: nodePort, entry, endpoints: externalEndpoints }];
    return [...addresses.map((address) => ({ address, port, entry, endpoints })), ...external, ...node];
  }

  async #open(place: Place): Promise<SyncProblem | undefined> {
    const known = this.#listeners.get(placeId(place));
    if (known) {
      known.update(place);
      return undefined;
    }
    const listener = new Listener(place, this.#options.clock);
    try {
      await listener.listen(place);
      this.#listeners.set(placeId(place), listener);
      return undefined;
    } catch (error) {
      const { entry, address, port } = place;
      const hint = port < 1024 ? " Ports below 1024 may need root; a port above does not." : "";
      return {
        service: entry.service,
        message: `${address}:${port} cannot be listened on: ${errorMessage(error)}.${hint}`,
      };
    }
  }

  async #close(id: string, listener: Listener): Promise<void> {
    this.#listeners.delete(id);
    await listener.close();
  }
}

const placeId = ({ address, port }: Place) => `${address}:${port}`;

/** One address and port. Connections outlive the endpoints' leaving the table; they end when either side ends them. */
class Listener {
  readonly #server: Server;
  readonly #picker: EndpointPicker;
  readonly #clients = new Set<Socket>();

  constructor(place: Place, clock: Clock) {
    this.#picker = new EndpointPicker(clock);
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#serve(client));
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.update(place);
  }

  update({ endpoints, entry }: Place): void {
    this.#picker.update(endpoints, entry.affinitySeconds);
  }

  listen({ address, port }: Place): Promise<void> {
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
