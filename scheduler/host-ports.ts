// The host ports taken on a node. A port on 0.0.0.0 is taken on every address.

import type { HostPort } from "./pod-info.ts";

const EVERY_ADDRESS = "0.0.0.0";

export class HostPortSet {
  /** Protocol and port → address → how many pods hold it: more than one where the scheduler was bypassed. */
  readonly #taken = new Map<string, Map<string, number>>();

  add({ protocol, port, ip }: HostPort): void {
    const id = `${protocol}/${port}`;
    const addresses = this.#taken.get(id) ?? new Map<string, number>();
    addresses.set(ip, (addresses.get(ip) ?? 0) + 1);
    this.#taken.set(id, addresses);
  }

  remove({ protocol, port, ip }: HostPort): void {
    const id = `${protocol}/${port}`;
    const addresses = this.#taken.get(id);
    const left = (addresses?.get(ip) ?? 0) - 1;
    if (left > 0) addresses?.set(ip, left);
    else addresses?.delete(ip);
    if (addresses?.size === 0) this.#taken.delete(id);
  }

  conflictsWith({ protocol, port, ip }: HostPort): boolean {
    const addresses = this.#taken.get(`${protocol}/${port}`);
    if (!addresses) return false;
    return ip === EVERY_ADDRESS || addresses.has(EVERY_ADDRESS) || addresses.has(ip);
  }
}
