// One UDP address and port of the userspace proxy. UDP has no connections: a flow, all that one client sends from one port, stays
// with one endpoint until it has been silent for a while, as the kernel's connection tracking does it.

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Clock } from "../../lib/clock.ts";
import type { Target } from "../service-table.ts";
import { EndpointPicker } from "./endpoint-picker.ts";
import type { ListenAddress, PlaceListener, PlaceTargets } from "./place-listener.ts";

/** Flows at a time; the one that began first makes room for another. */
const FLOWS_MAX = 10_000;
/** The kernel's own time for flows that have been answered is 120 s, for others 30 s. */
const SILENCE_MS = 30_000;

interface Flow {
  readonly target: Target;
  readonly socket: Socket;
  usedMs: number;
}

const typeOf = (address: string) => (address.includes(":") ? "udp6" : "udp4");

export class UdpListener implements PlaceListener {
  readonly #clock: Clock;
  readonly #picker: EndpointPicker;
  /** By the client's address and port, the oldest first. */
  readonly #flows = new Map<string, Flow>();
  #socket: Socket | undefined;
  #cancelSweep: (() => void) | undefined;

  constructor(targets: PlaceTargets, clock: Clock) {
    this.#clock = clock;
    this.#picker = new EndpointPicker(clock);
    this.update(targets);
  }

  /** Flows to endpoints that are gone end: their next datagram goes elsewhere. */
  update({ endpoints, affinitySeconds }: PlaceTargets): void {
    this.#picker.update(endpoints, affinitySeconds);
    const isThere = ({ target }: Flow) => endpoints.some(({ ip, port }) => ip === target.ip && port === target.port);
    for (const [client, flow] of this.#flows) if (!isThere(flow)) this.#end(client, flow);
  }

  listen({ address, port }: ListenAddress): Promise<void> {
    const socket = createSocket(typeOf(address));
    this.#socket = socket;
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(port, address, () => {
        socket.removeListener("error", reject);
        // What cannot be sent back is lost, as datagrams are.
        socket.on("error", () => undefined);
        socket.on("message", (bytes, from) => this.#carry(bytes, from));
        resolve();
      });
    });
  }

  close(): Promise<void> {
    this.#cancelSweep?.();
    for (const [client, flow] of this.#flows) this.#end(client, flow);
    const socket = this.#socket;
    this.#socket = undefined;
    return new Promise((resolve) => (socket ? socket.close(() => resolve()) : resolve()));
  }

  #carry(bytes: Buffer, from: RemoteInfo): void {
    const client = `${from.address} ${from.port}`;
    const flow = this.#flows.get(client) ?? this.#begin(client, from);
    if (!flow) return;
    flow.usedMs = this.#clock.monotonic();
    flow.socket.send(bytes, flow.target.port, flow.target.ip);
  }

  #begin(client: string, { address, port }: RemoteInfo): Flow | undefined {
    const [target] = this.#picker.candidates(address);
    if (!target) return undefined;
    this.#picker.chose(address, target);
    const flow: Flow = { target, socket: createSocket(typeOf(target.ip)), usedMs: this.#clock.monotonic() };
    flow.socket.on("message", (bytes, from) => {
      if (from.port !== target.port || from.address !== target.ip) return;
      flow.usedMs = this.#clock.monotonic();
      this.#socket?.send(bytes, port, address);
    });
    // The endpoint does not listen any more: the next datagram may find another.
    flow.socket.on("error", () => this.#end(client, flow));
    this.#flows.set(client, flow);
    this.#makeRoom();
    this.#sweepLater();
    return flow;
  }

  #makeRoom(): void {
    const [oldest] = this.#flows;
    if (this.#flows.size > FLOWS_MAX && oldest) this.#end(...oldest);
  }

  #sweepLater(): void {
    this.#cancelSweep ??= this.#clock.setTimer(SILENCE_MS, () => {
      this.#cancelSweep = undefined;
      const nowMs = this.#clock.monotonic();
      for (const [client, flow] of this.#flows) if (nowMs - flow.usedMs >= SILENCE_MS) this.#end(client, flow);
      if (this.#flows.size > 0) this.#sweepLater();
    });
  }

  #end(client: string, flow: Flow): void {
    if (this.#flows.get(client) === flow) {
      this.#flows.delete(client);
      flow.socket.close();
    }
  }
}
