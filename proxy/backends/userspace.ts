// Services without root: a listener on each virtual address (all of 127.0.0.0/8 may be bound to) that passes connections and
// datagrams on. SCTP, which Node does not speak, is reported as a problem of its service.

import { errorMessage } from "../../lib/error-message.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ServiceEntry, ServiceTable, Target } from "../service-table.ts";
import type { ProxyBackend, SyncProblem } from "./backend.ts";
import type { PlaceListener, PlaceTargets } from "./place-listener.ts";
import { TcpListener } from "./tcp-listener.ts";
import { UdpListener } from "./udp-listener.ts";

export interface UserspaceOptions {
  readonly clock: Clock;
  /** Where node ports listen. */
  readonly nodeAddress: string;
}

interface Place {
  readonly address: string;
  readonly port: number;
  readonly entry: ServiceEntry;
  readonly endpoints: readonly Target[];
}

export class UserspaceBackend implements ProxyBackend {
  readonly name = "userspace";
  readonly #options: UserspaceOptions;
  readonly #listeners = new Map<string, PlaceListener>();

  constructor(options: UserspaceOptions) {
    this.#options = options;
  }

  async sync({ entries }: ServiceTable): Promise<readonly SyncProblem[]> {
    const served = entries.filter(({ protocol }) => protocol !== "SCTP");
    const places = new Map(served.flatMap((entry) => this.#placesOf(entry)).map((place) => [placeId(place), place]));
    const gone = [...this.#listeners].filter(([id]) => !places.has(id));
    await Promise.all(gone.map(([id, listener]) => this.#close(id, listener)));
    const problems = await Promise.all([...places.values()].map((place) => this.#open(place)));
    const refused = entries
      .filter(({ protocol }) => protocol === "SCTP")
      .map(({ service }) => ({
        service,
        message:
          "The userspace proxy passes TCP and UDP, so its SCTP port does not answer; nftables, with root, serves it.",
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
      known.update(targetsOf(place));
      return undefined;
    }
    const Listener = place.entry.protocol === "UDP" ? UdpListener : TcpListener;
    const listener = new Listener(targetsOf(place), this.#options.clock);
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

  async #close(id: string, listener: PlaceListener): Promise<void> {
    this.#listeners.delete(id);
    await listener.close();
  }
}

const placeId = ({ address, port, entry }: Place) => `${entry.protocol} ${address}:${port}`;

const targetsOf = ({ endpoints, entry: { affinitySeconds } }: Place): PlaceTargets => ({
  endpoints,
  ...(affinitySeconds !== undefined && { affinitySeconds }),
});
